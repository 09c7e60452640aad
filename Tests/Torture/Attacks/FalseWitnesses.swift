import Messages
import Telehash
import TelehashWire
import TestSupport

/// Two liars who agree.
enum FalseWitnesses: Attack {
    static let name = "false-witnesses"
    static let abstract = "two hosts bring one node the same invented messages, so that it blames the others."
    static let nodes = 5
    static let place = 0
    static let rate = 2.0

    static func prepare(on ground: Ground) async throws -> Strike {
        let victim = ground.victim
        let address = try victim.address()
        guard let target = Endpoint(ipv4: address.host, port: address.port) else {
            throw NotInTime("\(address) is no end point")
        }
        // What they invent goes to the victim only.
        let liars = try (1...2).map { number in
            try Probe(seeds: ground.nodes.map { try $0.address() }, host: 0x7f50_0701 + UInt32(number) << 16) {
                datagram, receiver in
                receiver == target || !String(decoding: datagram, as: UTF8.self).contains("invented")
            }
        }
        try await eventually("the liars know everybody", within: .seconds(30), every: .milliseconds(100)) {
            liars.allSatisfy { $0.switches >= ground.nodes.count }
        }
        // As hosts they have to be asked for their taps first.
        try await letTimePass(.seconds(3))
        return { end in
            let before = try await victim.client.status()
            let author = try Identity.generate(.ed25519).sign("x", channel: .tweets, at: 0)
            var number = 0
            while ContinuousClock.now < end {
                number += 1
                let signals: Signals = [
                    "+at": "\(Timestamp.now)", "+end": author.end.hex, "+key": author.key.text,
                    "+message": "invented \(number)", "+sig": author.signature,
                ]
                for liar in liars { liar.publish(signals, end: author.end) }
                try await letTimePass(.seconds(1 / ground.rate))
            }
            let after = try await victim.client.status()
            for liar in liars { liar.stop() }
            let judged = Int(after.counters["hosts_judged", default: 0] - before.counters["hosts_judged", default: 0])
            // Other attackers' switches are hosts, too, which bring nothing.
            let blamed = "hosts that were blamed"
            return [
                Check("inventions", "\(number)"),
                ground.isCrowded ? Check(blamed, "\(judged)") : Check(blamed, judged, atMost: 0),
            ]
        }
    }
}
