/// Finds web addresses in what people wrote: those that a browser will go to, and that say plainly where that is.
///
/// Only ASCII belongs to an address, so that nothing invisible and no direction mark gets into a link. An address with a
/// user's name before the host (`http://bank.example@evil.example`) is none.
enum WebAddress {
    /// Where an `http` or `https` address that begins at `start` ends, without the punctuation of the sentence around it;
    /// nil where none begins.
    static func end(in text: [UInt8], at start: Int) -> Int? {
        guard let host = schemeEnd(in: text, at: start) else { return nil }
        let limit = min(text.count, start + Limits.linkBytes)
        guard let authority = authorityEnd(in: text[host..<limit]) else { return nil }
        var end = authority
        if end < limit, "/?#".utf8.contains(text[end]) {
            while end < limit, isAddress(text[end]) { end += 1 }
        }
        return trimmed(text[start..<end])
    }

    private static func schemeEnd(in text: [UInt8], at start: Int) -> Int? {
        guard text[start] | 0x20 == UInt8(ascii: "h"), start == 0 || !isWord(text[start - 1]) else { return nil }
        let scheme = ["http://", "https://"].first { scheme in
            let end = start + scheme.utf8.count
            return end < text.count && zip(text[start..<end], scheme.utf8).allSatisfy { lowercased($0) == $1 }
        }
        return scheme.map { start + $0.utf8.count }
    }

    /// Where a host with its port ends (RFC 3986, section 3.2; of hosts, those that the URL Standard takes); nil when it
    /// is none, or when what comes next would make it another one.
    private static func authorityEnd(in text: ArraySlice<UInt8>) -> Int? {
        guard let host = text.first == UInt8(ascii: "[") ? literalEnd(in: text) : nameEnd(in: text) else { return nil }
        guard text[host...].first == UInt8(ascii: ":") else {
            return text[host...].first.map { "@%[]".utf8.contains($0) } == true ? nil : host
        }
        let port = text[(host + 1)...].prefix(while: isDigit)
        let next = text[port.endIndex...].first
        guard !port.isEmpty else { return next.map(isAddress) == true ? nil : host }
        guard UInt16(String(decoding: port, as: UTF8.self)) != nil else { return nil }
        return next.map { isAlphanumeric($0) || "@:%[]".utf8.contains($0) } == true ? nil : port.endIndex
    }

    private static func literalEnd(in text: ArraySlice<UInt8>) -> Int? {
        guard let close = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let address = String(decoding: text[(text.startIndex + 1)..<close], as: UTF8.self)
        guard address.contains(":"), NetworkAddress(address) != nil else { return nil }
        return close + 1
    }

    private static func nameEnd(in text: ArraySlice<UInt8>) -> Int? {
        var name = text.prefix { isAlphanumeric($0) || "-._".utf8.contains($0) }
        guard let first = name.first, isAlphanumeric(first) else { return nil }
        while let last = name.last, !isAlphanumeric(last) { name.removeLast() }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let last = labels.last else { return nil }
        // A host whose last label is a number is an IPv4 address, and nothing else.
        if isNumber(last) {
            guard labels.count == 4, NetworkAddress(String(decoding: name, as: UTF8.self)) != nil else { return nil }
        }
        return name.endIndex
    }

    private static func isNumber(_ label: some Collection<UInt8>) -> Bool {
        if label.allSatisfy(isDigit) { return true }
        let text = String(decoding: label, as: UTF8.self).lowercased()
        return text.hasPrefix("0x") && text.dropFirst(2).allSatisfy(\.isHexDigit)
    }

    /// Without the punctuation of the sentence around it; a closing bracket stays if it was opened inside.
    private static func trimmed(_ address: ArraySlice<UInt8>) -> Int {
        var rest = address
        while let last = rest.last {
            switch last {
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "!"),
                UInt8(ascii: "?"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "_"):
                rest.removeLast()
            case UInt8(ascii: ")") where count(UInt8(ascii: "("), in: rest) < count(last, in: rest):
                rest.removeLast()
            case UInt8(ascii: "]") where count(UInt8(ascii: "["), in: rest) < count(last, in: rest):
                rest.removeLast()
            default: return rest.endIndex
            }
        }
        return rest.endIndex
    }

    private static func count(_ byte: UInt8, in text: ArraySlice<UInt8>) -> Int {
        text.reduce(0) { $0 + ($1 == byte ? 1 : 0) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    /// Characters of addresses (RFC 3986), without quotes and angle brackets.
    private static func isAddress(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
    }
}
