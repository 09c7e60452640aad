/// Walks the top level of a telex and gives each member to the reader of its class: header, command, signal or
/// anything else.
struct TelexDecoder {
    /// How many containers lie around a member of the top level.
    static let topLevel = 1

    var reader: JSONReader
    var telex = Telex()
    var signals: [Member] = []
    var others: [Member] = []
    /// A bit for each ``KnownKey`` that was read.
    private var known: UInt8 = 0
    private var keys = 0

    /// A member whose key is only checked for doubles once all are there.
    struct Member {
        let key: JSONText
        let value: JSONReader.Value
    }

    init(reader: JSONReader) {
        self.reader = reader
    }

    mutating func decode() throws(TelexError) -> Telex {
        reader.skipWhitespace()
        guard try reader.peek() == ASCII.openBrace else { throw .notAnObject }
        signals.reserveCapacity(8)
        var hasNext = try reader.openObject()
        while hasNext {
            keys += 1
            guard keys <= WireLimits.keys else { throw .tooManyKeys }
            try member(key: reader.memberKey())
            hasNext = try reader.continueObject()
        }
        reader.skipWhitespace()
        guard reader.isAtEnd else { throw .trailingBytes }
        telex.signals = try sortedSignals()
        telex.fields = try sortedFields()
        return telex
    }

    private mutating func member(key: JSONText) throws(TelexError) {
        switch key {
        case _ where key.bytes.first == ASCII.plus: signals.append(try plainMember(key))
        case "_to":
            try note(.to)
            try readTo()
        case "_line":
            try note(.line)
            telex.line = try integer(in: 1...WireLimits.largestLine, else: .badLine)
        case "_br":
            try note(.br)
            try readByteCount()
        case "_hop":
            try note(.hop)
            try readHop()
        case "_ring":
            try note(.ring)
            telex.ring = try integer(in: 1...WireLimits.largestRing, else: .badRing)
        case ".see":
            try note(.see)
            try readSee()
        case ".tap":
            try note(.tap)
            try readTap()
        default: others.append(try plainMember(key))
        }
    }

    private mutating func note(_ key: KnownKey) throws(TelexError) {
        let bit = UInt8(1) << key.rawValue
        guard known & bit == 0 else { throw .duplicateKey }
        known |= bit
    }

    private mutating func plainMember(_ key: JSONText) throws(TelexError) -> Member {
        let value = try reader.value()
        try reader.skip(value, inside: TelexDecoder.topLevel)
        return Member(key: key, value: value)
    }
}

extension JSONReader.Value {
    /// A scalar as the text that taps compare and relays send: numbers in the sender's spelling, `true` and `false`
    /// as 1 and 0, as Perl has them. `nil` for null, arrays and objects.
    var scalarText: JSONText? {
        switch self {
        case .text(let text), .number(let text): text
        case .bool(true): JSONText("1")
        case .bool(false): JSONText("0")
        case .null, .array, .object: nil
        }
    }
}

/// The keys that the decoder reads itself, to notice a second one.
private enum KnownKey: UInt8 {
    case to, ring, line, br, hop, see, tap
}
