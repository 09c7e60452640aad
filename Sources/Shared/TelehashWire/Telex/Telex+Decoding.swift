extension Telex {
    /// Decodes one datagram. Total: whatever the bytes are, the answer is a telex or a named reason.
    ///
    /// The grammar is RFC 8259's, strictly; blanks and newlines around the object are fine. What the values of
    /// headers, commands and signals may be, and what becomes of others, is said at each property of ``Telex``.
    public static func decode(_ bytes: [UInt8]) throws(TelexError) -> Telex {
        try bytes.withUnsafeBufferPointer { (buffer) throws(TelexError) in try decode(buffer) }
    }

    /// As above, for bytes that lie elsewhere and are not kept.
    public static func decode(_ bytes: UnsafeBufferPointer<UInt8>) throws(TelexError) -> Telex {
        WorkCount.did(.parse)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= WireLimits.acceptedBytes else { throw .tooLong }
        guard bytes.isUTF8 else { throw .notUTF8 }
        var decoder = TelexDecoder(reader: JSONReader(bytes: bytes))
        defer { decoder.reader.releaseScratch() }
        return try decoder.decode()
    }
}
