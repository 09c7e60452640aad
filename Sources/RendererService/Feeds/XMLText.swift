/// Text inside XML 1.0.
enum XMLText {
    /// Escaped as content and inside quoted attributes. What XML cannot carry at all (XML 1.0, production 2) is shown by
    /// signs: control characters as on the pages, U+FFFE and U+FFFF as U+FFFD.
    static func escape(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        HTMLEscaping.append(text.utf8, to: &bytes)
        for index in bytes.indices.dropFirst(2)
        where bytes[index] >= 0xbe && bytes[index - 1] == 0xbf && bytes[index - 2] == 0xef {
            // EF BF BE and EF BF BF; EF BF BD is the sign itself.
            bytes[index] = 0xbd
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `<name>escaped text</name>` on a line of its own.
    static func element(_ name: String, _ text: String, _ attributes: String = "") -> String {
        "<\(name)\(attributes.isEmpty ? "" : " \(attributes)")>\(escape(text))</\(name)>\n"
    }

    static let declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
}
