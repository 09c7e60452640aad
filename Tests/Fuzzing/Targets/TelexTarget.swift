import Telehash
import TelehashWire

/// Any bytes as a datagram: decoded or refused for the right reason, within the limits, and the same when written again.
enum TelexTarget {
    private static let digestKey = DigestKey(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210)

    static func run(_ input: UnsafeBufferPointer<UInt8>, timing timer: inout CallTimer) throws(Finding) {
        let telex: Telex
        do throws(TelexError) {
            telex = try timer.time { () throws(TelexError) in try Telex.decode(input) }
        } catch {
            return try judge(error, of: input)
        }
        try judgeAcceptance(of: input)
        try checkHeader(telex)
        try checkCommands(telex)
        try checkKeys(telex)
        try writeAgain(telex, timing: &timer)
        try relay(telex, timing: &timer)
    }

    // MARK: Verdicts

    private static func judgeAcceptance(of input: UnsafeBufferPointer<UInt8>) throws(Finding) {
        try require(input.count <= WireLimits.acceptedBytes, "a telex of \(input.count) bytes is read")
        try require(isUTF8(input), "a telex that is not UTF-8 is read")
        try require(ReferenceJSON.depth(input) <= WireLimits.nesting, "a telex that is too deep is read")
        try require(ReferenceJSON.accepts(input, onlyObject: true), "what is no JSON object is read as a telex")
    }

    private static func judge(_ error: TelexError, of input: UnsafeBufferPointer<UInt8>) throws(Finding) {
        switch error {
        case .empty: try require(input.isEmpty, "a datagram of \(input.count) bytes is called empty")
        case .tooLong: try require(input.count > WireLimits.acceptedBytes, "\(input.count) bytes are called too long")
        case .notUTF8: try require(!isUTF8(input), "UTF-8 is refused")
        case .nestedTooDeep:
            try require(ReferenceJSON.depth(input) > WireLimits.nesting, "a shallow telex is called deep")
        case .malformed, .truncated, .trailingBytes, .notAnObject, .loneSurrogate:
            // Deeper texts are no matter for recursion; both readers stop at the first thing that is wrong.
            guard ReferenceJSON.depth(input) <= WireLimits.nesting else { return }
            try require(!ReferenceJSON.accepts(input, onlyObject: true), "\(error) for a JSON object")
        case .duplicateKey, .tooManyKeys, .badRing, .badLine, .badByteCount: break
        }
    }

    private static func isUTF8(_ input: UnsafeBufferPointer<UInt8>) -> Bool {
        String(validating: input, as: UTF8.self) != nil
    }

    // MARK: Ranges

    private static func checkHeader(_ telex: Telex) throws(Finding) {
        if let ring = telex.ring { try require((1...WireLimits.largestRing).contains(ring), "ring \(ring)") }
        if let line = telex.line { try require((1...WireLimits.largestLine).contains(line), "line \(line)") }
        if let br = telex.br { try require((0...WireLimits.largestByteCount).contains(br), "br \(br)") }
        try require((0...WireLimits.largestHop).contains(telex.hop), "hop \(telex.hop)")
    }

    private static func checkCommands(_ telex: Telex) throws(Finding) {
        if let see = telex.see {
            try require(see.count <= WireLimits.seenEndpoints, "\(see.count) endpoints in .see")
            try require(Set(see).count == see.count, "an endpoint twice in .see")
        }
        try require(telex.ignoredTapRules >= 0, "\(telex.ignoredTapRules) rules ignored")
        guard let rules = telex.tap else { return }
        try require(rules.count <= WireLimits.tapRules, "\(rules.count) rules")
        for rule in rules {
            try require(rule.is.count + rule.has.count <= WireLimits.tapRuleKeys, "a rule with too many keys")
            for text in Array(rule.is.keys) + Array(rule.is.values) + rule.has {
                try require(
                    text.utf8.count <= WireLimits.tapTextBytes, "a rule with a text of \(text.utf8.count) bytes")
            }
        }
    }

    private static func checkKeys(_ telex: Telex) throws(Finding) {
        try require(telex.signals.count + telex.fields.count <= WireLimits.keys, "too many keys")
        for signal in telex.signals {
            try require(signal.key.utf8.first == UInt8(ascii: "+") && signal.key.utf8.count > 1, "signal \(signal.key)")
        }
        try require(isSorted(telex.signals.map(\.key)), "signals are out of order")
        try require(isSorted(telex.fields.map(\.key)), "fields are out of order")
    }

    /// Strictly, by bytes.
    private static func isSorted(_ keys: [String]) -> Bool {
        zip(keys, keys.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    // MARK: Writing

    private static func writeAgain(_ telex: Telex, timing timer: inout CallTimer) throws(Finding) {
        let written = timer.time { telex.encoded() }
        // Control characters that came as `\b` go out as six bytes, so a telex near the limit may grow beyond it.
        if written.count > WireLimits.acceptedBytes { return }
        var again = try decodeOwn(written, timing: &timer)
        again.ignoredTapRules = telex.ignoredTapRules
        try require(again == telex, "a telex changes when it is written and read")
        try require(again.encoded() == written, "a telex has two spellings")
        try require(
            again.signals.digest(key: digestKey) == telex.signals.digest(key: digestKey), "equal signals, two digests")
    }

    /// As the switch passes signals on.
    private static func relay(_ telex: Telex, timing timer: inout CallTimer) throws(Finding) {
        guard !telex.signals.isEmpty, telex.hop < WireLimits.largestHop else { return }
        var writer = TelexWriter(capacity: TelexWriter.headerCapacity + telex.signals.encodedByteCount)
        writer.line(WireLimits.largestLine)
        writer.br(WireLimits.largestByteCount)
        writer.hop(telex.hop + 1)
        writer.signals(telex.signals)
        let size = writer.byteCount
        let copy = writer.finish()
        try require(copy.count == size, "the writer does not know its size")
        if copy.count > WireLimits.acceptedBytes { return }
        let read = try decodeOwn(copy, timing: &timer)
        try require(read.signals == telex.signals, "signals change when they are relayed")
        try require(read.hop == telex.hop + 1 && read.fields.isEmpty && read.see == nil, "more is relayed than signals")
    }

    private static func decodeOwn(_ bytes: [UInt8], timing timer: inout CallTimer) throws(Finding) -> Telex {
        do throws(TelexError) {
            return try timer.time { () throws(TelexError) in try Telex.decode(bytes) }
        } catch {
            throw Finding("what we write is refused: \(error)")
        }
    }
}
