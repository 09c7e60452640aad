import Messages
import TelehashWire
import TestSupport

/// An honest node that passes on what somebody invented must not pay for it at others.
enum WrongSignatures: Attack {
    static let name = "wrong-signatures"
    static let abstract = "3,000 datagrams a second with wrong signatures at a node that relays to others."
    static let nodes = 2
    static let place = 3
    static let rate = 3_000.0

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, others) = (ground.victim, ground.others)
        // Known where they write, and strangers everywhere else, who may write once a second.
        let author = Identity.generate(.ed25519)
        try await ground.introduce(author, to: others)
        return { end in
            async let tally = ground.pour(until: end, forgeries())
            var arrived = Portion()
            var sent: [MessageID] = []
            while ContinuousClock.now < end {
                let message = try author.sign("from the relay \(sent.count)", channel: .tweets, at: Timestamp.now)
                let trouble = await victim.publish(message)
                if trouble == nil { sent.append(message.id) } else { arrived.note(trouble) }
                try await letTimePass(.milliseconds(1_400))
            }
            for (node, missing) in await others.missing(of: sent) {
                for id in sent { arrived.note(missing.contains(id) ? "not at \(node.name)" : nil) }
            }
            let (forged, losses) = try await tally
            return [
                Check("forged datagrams", "\(forged), the line was lost \(losses) times"),
                Check("messages of the relay's people elsewhere", arrived),
            ]
        }
    }

    /// Each of another author, with somebody else's signature.
    private static func forgeries() throws -> @Sendable () throws -> Signals? {
        let authors = try (0..<64).map { try Identity.generate(.ed25519).sign("\($0)", channel: .tweets, at: 0) }
        let count = Numbering()
        return {
            let number = count.next()
            let (author, signer) = (authors[number % 64], authors[(number / 64 + 1) % 64])
            return [
                "+at": "\(Timestamp.now)", "+end": author.end.hex, "+key": author.key.text,
                "+message": "invented \(number)", "+sig": signer.signature,
            ]
        }
    }
}
