import BigInt
import Foundation
import Messages
import TelehashWire
import TestSupport

/// Whoever chooses a modulus whose factors are plain has a key of 2011 that looks like somebody else's.
enum PrimeModulus: Attack {
    static let name = "prime-modulus"
    static let abstract = "keys of 2011 made to look like a victim's: a prime modulus, and three times a prime."
    static let place = 4

    private static let exponent = BigUInt(65_537)

    static func prepare(on ground: Ground) async throws -> Strike {
        let (victim, author) = (ground.victim, Identity.generate(.legacy))
        let prime = prime(beginningWith: author.publicKey.text.prefix(8))
        let third = self.prime(beginningWith: "2aaaaaaa")
        let word = "lookalike\(UInt32.random(in: 0...UInt32.max))"
        let forgeries = [
            signals(word + " prime", modulus: prime, order: prime - 1),
            signals(word + " thirds", modulus: third * 3, order: (third - 1) * 2),
        ].compactMap { $0 }
        let neighbour = try Neighbour(of: victim, number: 202)
        return { end in
            let count = Numbering()
            _ = try await ground.pour(until: end) { forgeries[count.next() % forgeries.count] }
            let honest = try author.sign("of a proper key \(word)", channel: .tweets, at: 0)
            await neighbour.send(honest)
            let isStored = await victim.gets(honest.id)
            let found = try await victim.get("/api/messages?q=\(word)").json()["messages"].array ?? []
            return [
                Check("messages of keys that look like it", found.count - (isStored ? 1 : 0), atMost: 0),
                Check("a message of a proper key", isStored ? "stored" : "not", goal: "stored", holds: isStored),
            ]
        }
    }

    private static func prime(beginningWith digits: some StringProtocol) -> BigUInt {
        let rest = (digits.count..<128).map { _ in String(Int.random(in: 0...15), radix: 16) }.joined()
        var candidate = (BigUInt(String(digits) + rest, radix: 16) ?? 0) | 1
        while candidate % exponent == 1 || !candidate.isPrime(rounds: 4) { candidate += 2 }
        return candidate
    }

    /// A message with that key, signed by hand: no program of ours makes such a key.
    private static func signals(_ text: String, modulus: BigUInt, order: BigUInt) -> Signals? {
        guard let secret = exponent.inverse(order),
            let block = BigUInt(
                "1" + String(repeating: "f", count: 82) + "00" + NodeID(sha1Of: text).hex, radix: 16)
        else { return nil }
        return [
            "+end": Channel.tweets.end.hex, "+key": String(modulus, radix: 16), "+message": text,
            "+sig": String(block.power(secret, modulus: modulus), radix: 16),
        ]
    }
}
