import TelehashWire

/// The telex in a text, or the reason why it is none.
func decoded(_ text: String) -> Result<Telex, TelexError> {
    decoded(Array(text.utf8))
}

func decoded(_ bytes: [UInt8]) -> Result<Telex, TelexError> {
    Result { () throws(TelexError) in try Telex.decode(bytes) }
}
