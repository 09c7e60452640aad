import Messages
import Telehash
import TelehashWire

/// A signed message as JSON (first byte even) or in its binary form (odd): what is read survives every form it is written
/// in, and fits a telex.
enum MessagesTarget {
    static func run(_ input: UnsafeBufferPointer<UInt8>, timing timer: inout CallTimer) throws(Finding) {
        guard let form = input.first else { return }
        let bytes = Array(input.dropFirst())
        let message: SignedMessage
        do throws(MessageError) {
            message = try timer.time { () throws(MessageError) in
                form & 1 == 0 ? try SignedMessage(json: bytes) : try SignedMessage(encoded: bytes)
            }
        } catch {
            return
        }
        if form & 1 == 0 {
            try judgeJSON(bytes)
            try check(bytes, isReadAs: message, timing: &timer)
        } else {
            try require(message.encoded() == bytes, "a binary form has two spellings")
        }
        try checkForms(of: message, timing: &timer)
        try checkTelex(of: message)
        try checkName(of: message, timing: &timer)
        _ = timer.time { message.isSignatureValid() }
    }

    private static func checkName(of message: SignedMessage, timing timer: inout CallTimer) throws(Finding) {
        let claim = timer.time { message.nameClaim }
        guard let claim else { return }
        try require(message.signals["+name"] == claim.text, "a message claims another name than it says")
        try require(claim.text.utf8.count <= MessageLimits.nameBytes, "a name of \(claim.text.utf8.count) bytes")
    }

    private static func judgeJSON(_ bytes: [UInt8]) throws(Finding) {
        try require(String(validating: bytes, as: UTF8.self) != nil, "JSON that is not UTF-8 is read")
        let (depth, isJSON) = bytes.withUnsafeBufferPointer { buffer in
            (ReferenceJSON.depth(buffer), ReferenceJSON.accepts(buffer, onlyObject: true))
        }
        try require(depth <= WireLimits.nesting, "JSON of \(depth) levels is read")
        try require(isJSON, "what is no JSON object is read as a message")
    }

    private static func check(
        _ bytes: [UInt8], isReadAs message: SignedMessage, timing timer: inout CallTimer
    ) throws(Finding) {
        guard let stored = timer.time({ try? StoredMessage(json: bytes, now: 5) }) else { return }
        try require(stored.message == message, "a line of an export is read as another message")
    }

    private static func checkForms(of message: SignedMessage, timing timer: inout CallTimer) throws(Finding) {
        let encoded = message.encoded()
        try require(encoded.count <= MessageLimits.encodedBytes, "a message of \(encoded.count) bytes")
        do throws(MessageError) {
            let read = try timer.time { () throws(MessageError) in try SignedMessage(encoded: encoded) }
            try same(read, message, "the binary form")
            let json = timer.time { message.json(channel: "c", receivedAt: 7) }
            try same(try SignedMessage(json: json), message, "the JSON form")
            try same(try SignedMessage(signals: message.signals), message, "the set of signals")
        } catch {
            throw Finding("what we write is refused: \(error.message)")
        }
    }

    private static func same(_ read: SignedMessage, _ message: SignedMessage, _ form: String) throws(MessageError) {
        guard read == message, read.encoded() == message.encoded() else {
            throw MessageError(.idMismatch, "\(form) is read as another message")
        }
    }

    /// Whatever is a message can be sent, and arrives as the same message.
    private static func checkTelex(of message: SignedMessage) throws(Finding) {
        let signals = message.signals
        let size = signals.encodedByteCount + MessageLimits.telexHeaderBytes
        try require(size <= MessageLimits.telexBytes, "a message needs a telex of \(size) bytes")
        let telex = Telex(hop: 1, signals: signals)
        guard let arrived = try? Telex.decode(telex.encoded()) else { throw Finding("a message makes no telex") }
        guard let read = try? SignedMessage(signals: arrived.signals) else {
            throw Finding("a message that went through a telex is refused")
        }
        try require(read == message, "a message changes in a telex")
    }
}
