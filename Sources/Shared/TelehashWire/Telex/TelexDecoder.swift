/// Walks the top level of a telex and gives each member to the reader of its class: header, command, signal or
/// anything else.
struct TelexDecoder {
    /// How many containers lie around a member of the top level.
    static let topLevel = 1

    var reader: JSONReader
    var telex = Telex()
    var signals: [Member] = []
    var others: [Member] = []
    private var known: KnownKeys = []
    private var keys = 0

    /// A member whose key is only checked for doubles once all are there.
    struct Member {
        let key: JSONText
        /// The scalar as text. `nil`: null for a signal or field, which is as good as absent, unless `isContainer`.
        let text: JSONText?
        let isContainer: Bool
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
        switch key.bytes.first {
        case ASCII.plus: signals.append(try plainMember(key))
        case ASCII.underscore: try header(key)
        case ASCII.dot: try command(key)
        default: others.append(try plainMember(key))
        }
    }

    private mutating func header(_ key: JSONText) throws(TelexError) {
        if key == "_to" {
            try note(.to)
            try readTo()
        } else if key == "_line" {
            try note(.line)
            telex.line = try integer(in: 1...WireLimits.largestLine, else: .badLine)
        } else if key == "_br" {
            try note(.br)
            try readByteCount()
        } else if key == "_hop" {
            try note(.hop)
            try readHop()
        } else if key == "_ring" {
            try note(.ring)
            telex.ring = try integer(in: 1...WireLimits.largestRing, else: .badRing)
        } else {
            others.append(try plainMember(key))
        }
    }

    private mutating func command(_ key: JSONText) throws(TelexError) {
        if key == ".see" {
            try note(.see)
            try readSee()
        } else if key == ".tap" {
            try note(.tap)
            try readTap()
        } else {
            others.append(try plainMember(key))
        }
    }

    private mutating func note(_ key: KnownKeys) throws(TelexError) {
        guard known.insert(key).inserted else { throw .duplicateKey }
    }

    private mutating func plainMember(_ key: JSONText) throws(TelexError) -> Member {
        let value = try reader.value()
        try reader.skip(value, inside: TelexDecoder.topLevel)
        return Member(key: key, value: value)
    }
}

extension TelexDecoder.Member {
    fileprivate init(key: JSONText, value: JSONReader.Value) {
        let isContainer: Bool
        switch value {
        case .array, .object: isContainer = true
        case .text, .number, .bool, .null: isContainer = false
        }
        self.init(key: key, text: value.scalarText, isContainer: isContainer)
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
private struct KnownKeys: OptionSet {
    let rawValue: UInt8

    static let to = KnownKeys(rawValue: 1)
    static let ring = KnownKeys(rawValue: 2)
    static let line = KnownKeys(rawValue: 4)
    static let br = KnownKeys(rawValue: 8)
    static let hop = KnownKeys(rawValue: 16)
    static let see = KnownKeys(rawValue: 32)
    static let tap = KnownKeys(rawValue: 64)
}
