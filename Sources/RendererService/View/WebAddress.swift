import ServiceRuntime

/// Finds web addresses in what people wrote: those that a browser will go to, and that say plainly where that is.
///
/// A link leads to the whole address, or there is none: what is cut in the middle of a word is another address. Letters of
/// all languages belong to it (see ``HostName`` for those of hosts), nothing invisible and no direction mark does. An
/// address with a user's name before the host (`http://bank.example@evil.example`) is none.
enum WebAddress {
    /// Where an `http` or `https` address that begins at `start` ends, without the punctuation of the sentence around it;
    /// nil where none begins.
    ///
    /// - Parameter dead: 0 at the beginning of a text, whose places are asked for in order. Where a path ended that is none;
    ///   all that lead there are none, and so no text is gone through again for each `http://` in it.
    static func end(in text: [UInt8], at start: Int, dead: inout Int) -> Int? {
        guard let host = schemeEnd(in: text, at: start) else { return nil }
        guard let authority = authorityEnd(in: text[host...]) else { return nil }
        var end = authority
        if end < text.count, "/?#".utf8.contains(text[end]) {
            guard end >= dead else { return nil }
            while let next = TextCharacter(in: text[...], at: end), belongs(next, in: text) { end = next.end }
            guard isEnd(text[...], at: end, after: .path) else {
                dead = end
                return nil
            }
        }
        end = trimmed(text[start..<end])
        return end - start <= Limits.linkBytes ? end : nil
    }

    private static func schemeEnd(in text: [UInt8], at start: Int) -> Int? {
        guard text[start] | 0x20 == UInt8(ascii: "h"), !followsWord(text[..<start]) else { return nil }
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
        guard UInt16(String(decoding: port, as: UTF8.self)) != nil, isEnd(text, at: port.endIndex, after: .host)
        else { return nil }
        return next.map { isAlphanumeric($0) || "@:%[]".utf8.contains($0) } == true ? nil : port.endIndex
    }

    /// Bytes of an IPv6 address as text, at most.
    private static let longestLiteral = 45

    private static func literalEnd(in text: ArraySlice<UInt8>) -> Int? {
        // Between the brackets no address is longer.
        guard let close = text.prefix(longestLiteral + 2).firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let address = String(decoding: text[(text.startIndex + 1)..<close], as: UTF8.self)
        guard address.contains(":"), NetworkAddress(address) != nil, isEnd(text, at: close + 1, after: .host)
        else { return nil }
        return close + 1
    }

    private static func nameEnd(in text: ArraySlice<UInt8>) -> Int? {
        var end = text.startIndex
        while let next = TextCharacter(in: text, at: end), HostName.mayHold(next.scalar) { end = next.end }
        guard isEnd(text, at: end, after: .host) else { return nil }
        var name = text[..<end]
        guard let first = name.first, isAlphanumeric(first) || first >= 0x80 else { return nil }
        while let last = name.last, !isAlphanumeric(last), last < 0x80 { name.removeLast() }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let last = labels.last, HostName.isPlain(labels) else { return nil }
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
        var unopenedRound = count(UInt8(ascii: ")"), in: rest) - count(UInt8(ascii: "("), in: rest)
        var unopenedSquare = count(UInt8(ascii: "]"), in: rest) - count(UInt8(ascii: "["), in: rest)
        while let last = rest.last {
            if let mark = softEnds.first(where: { rest.suffix($0.count).elementsEqual($0) }) {
                rest.removeLast(mark.count)
                continue
            }
            switch last {
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "!"),
                UInt8(ascii: "?"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "_"):
                rest.removeLast()
            case UInt8(ascii: ")") where unopenedRound > 0:
                unopenedRound -= 1
                rest.removeLast()
            case UInt8(ascii: "]") where unopenedSquare > 0:
                unopenedSquare -= 1
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

    /// Whether the scheme's first letter is in the middle of a word.
    private static func followsWord(_ text: ArraySlice<UInt8>) -> Bool {
        guard let last = text.last else { return false }
        if last < 0x80 { return isAlphanumeric(last) || last == UInt8(ascii: "_") }
        let start = text.lastIndex { $0 & 0xC0 != 0x80 } ?? text.startIndex
        return TextCharacter(in: text, at: start).map { $0.isWord } ?? true
    }

    // MARK: characters

    private struct TextCharacter {
        let scalar: Unicode.Scalar
        /// Where the next one begins.
        let end: Int

        init?(in text: ArraySlice<UInt8>, at index: Int) {
            guard index < text.endIndex else { return nil }
            if text[index] < 0x80 {
                (scalar, end) = (Unicode.Scalar(text[index]), index + 1)
                return
            }
            let bytes = text[index..<min(index + 4, text.endIndex)]
            guard let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first else { return nil }
            self.scalar = scalar
            end = min(index + UTF8.width(scalar), text.endIndex)
        }

        /// Whether it is of words: letters, marks, digits, and pictures. What nobody sees is none.
        var isWord: Bool {
            guard !scalar.properties.isDefaultIgnorableCodePoint, scalar != "\u{2800}" else { return false }
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .mathSymbol,
                .currencySymbol, .modifierSymbol, .otherSymbol:
                return true
            default: return false
            }
        }

        /// Joins characters to one word or picture (Persian, many emoji).
        var isJoiner: Bool { ["\u{200C}", "\u{200D}", "\u{FE0E}", "\u{FE0F}"].contains(scalar) }
    }

    /// Punctuation beyond ASCII that stands inside words of addresses.
    private static let inside: Set<Unicode.Scalar> = ["’", "·"]

    /// What of ``inside``, of dashes and of joiners does not belong to an address at its end.
    private static let softEnds = ["’", "·", "–", "—", "\u{200C}", "\u{200D}"].map { Array($0.utf8) }

    /// Whether a character behind the host belongs to the address: those of RFC 3986 without quotes and angle brackets, and
    /// words of all languages (RFC 3987).
    private static func belongs(_ character: TextCharacter, in text: [UInt8]) -> Bool {
        let scalar = character.scalar
        if scalar.isASCII { return isAddress(UInt8(scalar.value)) }
        if inside.contains(scalar) || character.isWord { return true }
        switch scalar.properties.generalCategory {
        case .dashPunctuation, .connectorPunctuation: return true
        default:
            let before = character.end - UTF8.width(scalar) - 1
            return character.isJoiner && text[before] >= 0x80
        }
    }

    private enum Part { case host, path }

    /// Whether an address may end here: what comes next is no part of the word that it would be cut from.
    private static func isEnd(_ text: ArraySlice<UInt8>, at index: Int, after part: Part) -> Bool {
        guard let next = TextCharacter(in: text, at: index), !next.scalar.isASCII else { return true }
        if next.scalar.properties.isWhitespace { return true }
        let isWordNext = TextCharacter(in: text, at: next.end).map { $0.isWord } ?? false
        switch next.scalar.properties.generalCategory {
        case .control, .closePunctuation: return true
        case .finalPunctuation: return next.scalar != "’" || !isWordNext
        // „Heroes“ behind a slash is what the address is about.
        case .openPunctuation, .initialPunctuation:
            return part == .host || !"/?#=&_-".utf8.contains(text[index - 1])
        // Some full stops are dots of hosts.
        case .otherPunctuation: return part == .path || !isWordNext
        case .format, .dashPunctuation, .connectorPunctuation: return !isWordNext
        default: return false
        }
    }

    /// Characters of addresses (RFC 3986), without quotes and angle brackets.
    private static func isAddress(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
    }
}
