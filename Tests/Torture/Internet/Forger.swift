import Foundation
import Messages
import Synchronization
import TestSupport

/// Sends datagrams with false senders to one host, at a steady rate, from a thread.
final class Forger: Sendable {
    struct Tally: Sendable {
        var sent = 0
        /// Packets that the wire did not take.
        var refused = 0
        var seconds = 0.0
        /// Bytes of UDP payload.
        var bytes = 0

        var rate: Double { seconds > 0 ? Double(sent) / seconds : 0 }
    }

    private let isOver = Atomic(false)
    private let result = Mailbox<Tally>()

    /// - Parameters:
    ///   - rate: datagrams a second.
    ///   - peers: real switches in whose name one datagram in sixteen goes.
    init(to target: Host, at address: Address, rate: Double, peers: [Address], seed: UInt64) {
        let letters = ForgedLetters(to: address, peers: peers, seed: seed)
        Thread.detachNewThread { [self] in
            var letters = letters
            var tally = Tally()
            let start = ContinuousClock.now
            while !isOver.load(ordering: .relaxed) {
                let due = Int(start.duration(to: .now).seconds * rate)
                // A thread that was held up doesn't make up for it with a burst of more than 10 ms.
                for _ in 0..<min(max(0, due - tally.sent - tally.refused), max(1, Int(rate / 100))) {
                    let size = letters.next { packet in
                        write(target.wire.descriptor, packet.baseAddress, packet.count) == packet.count
                    }
                    if let size {
                        tally.sent += 1
                        tally.bytes += size
                    } else {
                        tally.refused += 1
                    }
                }
                poll(nil, 0, 1)
            }
            tally.seconds = start.duration(to: .now).seconds
            result.append(tally)
        }
    }

    /// Ends the flood.
    func stop() async -> Tally {
        isOver.store(true, ordering: .relaxed)
        return await result.first(within: .seconds(10))?.element ?? Tally()
    }
}

/// What a hostile crowd would say to a switch, each letter with another false sender.
struct ForgedLetters {
    private static let (ipHeader, sourceOffset, portOffset, checksumOffset) = (20, 12, 20, 10)
    /// Different letters; what follows changes only the sender.
    private static let drafts = 4_096
    /// One sender in four comes again and again, so that lines of strangers are used as well.
    private static let regulars: UInt32 = 4_096

    private var packets: [[UInt8]] = []
    /// Where each has a text that is another one in each letter, so that no switch knows it from before.
    private var texts: [Int?] = []
    private let peers: [Address]
    private var random: SeededNumbers
    private var number = 0

    init(to target: Address, peers: [Address], seed: UInt64) {
        self.peers = peers
        random = SeededNumbers(seed: seed)
        let nobody = Address(host: 0, port: 0)
        for index in 0..<Self.drafts {
            let text = Self.letter(UInt64(index) % Self.kinds, to: target, using: &random)
            packets.append(Packet.forge(text, from: nobody, to: target))
            texts.append(packets[index].firstRange(of: Array(#""+message":""#.utf8))?.upperBound)
        }
    }

    /// Gives the next packet to `send`; returns the size of its payload if that took it.
    mutating func next(_ send: (UnsafeRawBufferPointer) -> Bool) -> Int? {
        let draw = random.next()
        let index = number % Self.drafts
        number += 1
        let sender: Address
        if draw & 15 == 0, !peers.isEmpty {
            sender = peers[Int(draw >> 8) % peers.count]
        } else {
            let isRegular = draw >> 4 & 3 == 0
            // Anywhere in 11.0.0.0/8 … 99.0.0.0/8 that no host of these tests is in.
            let host =
                isRegular
                ? 0x0b00_0000 + UInt32(truncatingIfNeeded: draw >> 8) % Self.regulars
                : Self.place(UInt32(truncatingIfNeeded: draw >> 32))
            sender = Address(host: host, port: isRegular ? 1_024 : UInt16(truncatingIfNeeded: draw >> 16) | 1)
        }
        let text = texts[index]
        return packets[index].withUnsafeMutableBytes { packet in
            if let text {
                for place in 0..<16 { packet[text + place] = UInt8(ascii: "a") + UInt8(draw >> UInt64(4 * place) & 15) }
            }
            packet.storeBytes(of: sender.host.bigEndian, toByteOffset: Self.sourceOffset, as: UInt32.self)
            packet.storeBytes(of: sender.port.bigEndian, toByteOffset: Self.portOffset, as: UInt16.self)
            packet.storeBytes(of: 0, toByteOffset: Self.checksumOffset, as: UInt16.self)
            var sum: UInt32 = 0
            for offset in stride(from: 0, to: Self.ipHeader, by: 2) {
                sum += UInt32(packet[offset]) << 8 | UInt32(packet[offset + 1])
            }
            sum = (sum & 0xffff) + sum >> 16
            let checksum = ~UInt16(truncatingIfNeeded: sum + sum >> 16)
            packet.storeBytes(of: checksum.bigEndian, toByteOffset: Self.checksumOffset, as: UInt16.self)
            guard send(UnsafeRawBufferPointer(packet)) else { return nil }
            return packet.count - Self.ipHeader - 8
        }
    }

    private static func place(_ bits: UInt32) -> UInt32 { (12 + (bits >> 24) % 80) << 24 | bits & 0xff_ffff }

    static let kinds: UInt64 = 11

    /// One of ``kinds`` letters.
    private static func letter(
        _ kind: UInt64, to target: Address, using random: inout SeededNumbers
    ) -> [UInt8] {
        let hash = (0..<40).map { _ in String(UInt8.random(in: 0..<16, using: &random), radix: 16) }.joined()
        let tweets = "8bf1cce916417d16b7554135b6b075fb16dd26ce"
        let to = #""_to":"\#(target)""#
        let ring = Int.random(in: 1...32_768, using: &random)
        let line = #""_line":\#(Int.random(in: 1...(1 << 30), using: &random))"#
        switch kind {
        case 0:
            let count = Int.random(in: 0...200, using: &random)
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 1: return Array(String(repeating: "[", count: 700).utf8)
        case 2: return Array(#"{"+end":"\#(hash)"}"#.utf8)
        case 3: return Array(#"{\#(to),"_ring":\#(ring),"_br":0,"+end":"\#(hash)"}"#.utf8)
        case 4: return Array(#"{\#(to),"_ring":\#(ring)}"#.utf8)
        case 5: return Array(#"{\#(to),\#(line),"_br":99999999,"+end":"\#(hash)"}"#.utf8)
        case 6: return Array(#"{\#(to),\#(line),".tap":[{"is":{"+end":"\#(tweets)"},"has":["+message"]}]}"#.utf8)
        case 7:
            let names = (0..<8).map { _ in
                let host = place(UInt32.random(in: 0...(.max), using: &random))
                return #""\#(Address(host: host, port: 42_424))""#
            }
            return Array(#"{\#(to),\#(line),".see":[\#(names.joined(separator: ","))]}"#.utf8)
        case 8:
            // Nothing is wrong with it but the signature, which only a receiver can tell.
            let (key, signature) = (Identity.generate(.ed25519).publicKey.text, String(repeating: "A", count: 86))
            let rest = #""+key":"\#(key)","+message":"\#(hash)","+sig":"\#(signature)""#
            return Array(#"{\#(to),"_hop":1,"+at":"\#(Timestamp.now)","+end":"\#(tweets)",\#(rest)}"#.utf8)
        case 9:
            let keys = (0..<90).map { #""key \#($0)":"\#($0)""# }.joined(separator: ",")
            return Array(#"{\#(to),\#(line),\#(keys),"_ring":\#(ring)}"#.utf8)
        default: return Array(#"{\#(to),\#(line),"+end":"\#(hash)","+pop":"th:8.8.8.8:53"}"#.utf8)
        }
    }
}
