import Messages
import TelehashWire
import TestSupport

/// An attacker who chooses a modulus whose factors are plain has a key of 2011 that begins as somebody else's does.
enum PrimeModulus: Attack {
    static let name = "prime-modulus"
    static let abstract = "keys of 2011 that are made in a second: a prime modulus, and three times a prime."
    static let place = 4
    static let rate = 20.0

    /// No program of ours makes such keys, so they were made by hand.
    private static let forgeries: [Signals] = [
        [
            "+end": Channel.tweets.end.hex, "+message": "signed with a prime for a modulus",
            "+key": "c0ffee42cf14d16300870a898432d9df1948f0e1ab0756f91dd7d760dca361a4"
                + "57326135ff86a7fa274f5bc3cf8ffe351194291a41c0da87627fbb2f2ea09d29",
            "+sig": "4000524d74f923a9057ed125d4271d639b055c0f70261824a2d44dc65a290260"
                + "ce467eb069b2c378571b86c0d768ed2a621014ccf369d421cc497dc95b7ef244",
        ],
        [
            "+end": Channel.tweets.end.hex, "+message": "signed with a modulus that three divides",
            "+key": "bf6b3ac31b4398aa3e86e47cb33ab58419d8512de301adc58e52a4ba68d41b52"
                + "2a077795e5e0695a5f614b72b2fa403ea4311cddf64feea9de633c60cd9d02a3",
            "+sig": "40ec9d71c9c210474779b2ae573b37a7d28eb0a1135722ba63762d4cafdfcc14"
                + "e4dd47d558fd8f39f6dde7848c57b2b768a3fe5de2baf04ff30727be0c641995",
        ],
    ]

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.legacy))
        let neighbour = try Neighbour(of: victim, number: 202)
        return { end in
            let count = Numbering()
            _ = try await ground.pour(until: end) { forgeries[count.next() % forgeries.count] }
            let honest = try author.sign("signed with a proper key", channel: .tweets, at: 0)
            await neighbour.send(honest)
            let isStored = await victim.gets(honest.id)
            var taken = 0
            for forgery in forgeries {
                // Where such a key is none, there is no such message either.
                guard let message = try? SignedMessage(signals: forgery) else { continue }
                if await victim.has(message.id) { taken += 1 }
            }
            return [
                Check("messages of such keys stored", taken, atMost: 0),
                Check("a message of a proper key", isStored ? "stored" : "not", goal: "stored", holds: isStored),
            ]
        }
    }
}
