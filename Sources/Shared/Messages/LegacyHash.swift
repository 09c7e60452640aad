import Crypto

/// What the programs of 2011 hashed, with SHA-1: their texts as bytes, in two ways that agree on ASCII only.
enum LegacyHash: CaseIterable {
    /// client.js and server.js (ezcrypto): each UTF-16 unit up to FF gives one byte, a larger one two, high first.
    case utf16Units
    /// client.php and the Ruby programs.
    case utf8

    /// 20 bytes.
    func digest(of text: String) -> [UInt8] {
        Array(Insecure.SHA1.hash(data: input(of: text)))
    }

    private func input(of text: String) -> [UInt8] {
        guard self == .utf16Units else { return Array(text.utf8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for unit in text.utf16 {
            if unit > 0xff { bytes.append(UInt8(truncatingIfNeeded: unit >> 8)) }
            bytes.append(UInt8(truncatingIfNeeded: unit))
        }
        return bytes
    }
}
