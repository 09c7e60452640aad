import Messages

/// What switches of 2011 do to texts that are not ASCII: messages in the scheme of that time are for their readers.
enum LegacyText {
    /// A word for the writer; nil where the message passes everywhere.
    static func warning(about message: SignedMessage) -> String? {
        guard message.scheme == .legacy else { return nil }
        let scalars = message.text.unicodeScalars.filter { !$0.isASCII }
        guard let worst = scalars.first(where: { $0.value > 0xFF }) ?? scalars.first else { return nil }
        let number = String(worst.value, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: max(0, 4 - number.count)) + number
        return worst.value > 0xFF
            ? "switches of 2011 written in Perl end when they pass on \(name); send ASCII to get past them"
            : "switches of 2011 written in Perl garble \(name), and the signature fits no more; send ASCII to get past them"
    }
}
