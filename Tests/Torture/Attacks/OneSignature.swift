import Messages
import TelehashWire
import TestSupport

/// The signature of 2011 covers the hash of the text's bytes, and many texts have the same bytes.
enum OneSignature: Attack {
    static let name = "one-signature"
    static let abstract = "one sentence of a victim in the scheme of 2011 becomes thousands of other texts."
    static let place = 4
    static let rate = 630.0
    static let size = 4_134

    private static let sentence = "Meet me at noon by the old bridge and bring the red umbrella"

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.legacy))
        let neighbour = try Neighbour(of: victim, number: 201)
        let original = try author.sign(sentence, channel: .tweets, at: 0)
        await neighbour.send(original)
        guard await victim.gets(original.id) else { throw NotInTime("a message of 2011 is not stored") }
        return { end in
            let count = Numbering()
            let tally = try await ground.pour(until: end) {
                let number = count.next()
                guard number <= ground.size else { return nil }
                var signals = original.signals
                signals["+message"] = variant(number)
                return signals
            }
            let next = try author.sign("And bring \(Timestamp.now)", channel: .tweets, at: 0)
            await neighbour.send(next)
            let isStored = await victim.gets(next.id, within: .seconds(5))
            let shown = try await victim.count(of: author.publicKey) - (isStored ? 1 : 0)
            return [
                Check("forged texts sent", "\(tally.sent)"),
                Check("texts of one signature that are shown", shown, atMost: 1),
                Check("the next one of the victim", isStored ? "stored" : "not", goal: "stored", holds: isStored),
            ]
        }
    }

    /// The sentence with two letters each taken for one, where the number has a bit.
    private static func variant(_ number: Int) -> String {
        let bytes = Array(sentence.utf8)
        var text = String.UnicodeScalarView()
        for pair in stride(from: 0, to: bytes.count - 1, by: 2) {
            let (first, second) = (UInt32(bytes[pair]), UInt32(bytes[pair + 1]))
            let isJoined = number >> (pair / 2) & 1 == 1
            let codes = isJoined ? [first << 8 | second] : [first, second]
            text.append(contentsOf: codes.compactMap { Unicode.Scalar($0) })
        }
        return String(text)
    }
}
