import Telehash
import TelehashWire

/// One step of the program that the fuzzer's bytes are read as.
enum SwitchStep {
    /// Bytes from a peer as they are.
    case datagram([UInt8], from: Int)
    /// The same again, so many times.
    case again(Int)
    /// What the switch said last comes back from a peer.
    case echo(Int)
    /// A peer dials, and proves itself by the answer; it also names others if it is a switch.
    case prove(Int, isSwitch: Bool)
    /// A peer answers as an honest switch does.
    case answer(Int, see: [Int])
    /// Time passes, with a tick whenever the switch wants one.
    case wait(Duration)
    /// Time passes and nobody looks at the clock, as in a process that was stopped.
    case freeze(Duration)
    case tick
    case publish(Signals, end: NodeID)
    case tap([NodeID])
    case lookUp(NodeID)
    case sendFailed(Int)
}

extension SwitchStep {
    /// Milliseconds that a step may take: within a dial, a question, a keepalive, a line's life, a memory of signals.
    private static let times = [
        1, 10, 100, 300, 1_000, 2_000, 3_000, 6_000, 11_000, 25_000, 31_000, 72_000, 130_000, 601_000,
    ]

    init(from source: inout ByteSource, peers: [SwitchPeer]) {
        let kind = source.byte()
        switch kind % 20 {
        case 0...4:
            let peer = source.number(below: peers.count)
            self = .datagram(source.telex(from: peers[peer]), from: peer)
        case 5:
            let peer = source.number(below: peers.count)
            self = .datagram(source.block(), from: peer)
        case 6: self = .again(1 + source.number(below: 64))
        case 7: self = .echo(source.number(below: peers.count))
        case 8...9: self = .prove(source.number(below: peers.count), isSwitch: kind % 20 == 8)
        case 10...11:
            let peer = source.number(below: peers.count)
            self = .answer(peer, see: source.peers(below: peers.count))
        case 12: self = .wait(.milliseconds(SwitchStep.times[source.number(below: 8)]))
        case 13: self = .wait(.milliseconds(SwitchStep.times[source.number(below: SwitchStep.times.count)]))
        case 14: self = .freeze(.milliseconds(SwitchStep.times[source.number(below: SwitchStep.times.count)]))
        case 15: self = .tick
        case 16:
            let message = SwitchWorld.messages[source.number(below: SwitchWorld.messages.count)]
            self = .publish(message, end: SwitchWorld.ends[source.number(below: SwitchWorld.ends.count)])
        case 17:
            let mask = source.byte()
            self = .tap(SwitchWorld.ends.indices.filter { mask & 1 << $0 != 0 }.map { SwitchWorld.ends[$0] })
        case 18: self = .lookUp(SwitchWorld.ends[source.number(below: SwitchWorld.ends.count)])
        default: self = .sendFailed(source.number(below: peers.count))
        }
    }
}

extension ByteSource {
    /// Up to 15 peers by number.
    mutating func peers(below count: Int) -> [Int] {
        (0..<number(below: 16)).map { _ in number(below: count) }
    }

    /// A telex that makes sense in parts: each header may be right, wrong or absent, and a byte may be spoilt.
    mutating func telex(from peer: SwitchPeer) -> [UInt8] {
        let parts = byte()
        let kinds = byte()
        var telex = Telex()
        if parts & 1 != 0 { telex.ring = [peer.ring, peer.ring + 1, peer.ringsTold.last ?? 1, 32_768][kinds & 3] }
        if parts & 2 != 0 {
            telex.line = [peer.line, peer.line + 1, peer.linesTold.first ?? 5, peer.ring][kinds >> 2 & 3]
        }
        if parts & 4 != 0 { telex.br = [peer.sentTo, 0, 1 << 40, byte() * 100][kinds >> 4 & 3] }
        if parts & 8 != 0 { telex.hop = number(below: 5) }
        if parts & 16 != 0 { telex.to = SwitchWorld.peers[number(below: SwitchWorld.peers.count)] }
        if parts & 32 != 0 { telex.see = peers(below: SwitchWorld.peers.count).map { SwitchWorld.peers[$0] } }
        if parts & 64 != 0 { telex.tap = (0..<number(below: 18)).map { _ in rule() } }
        if parts & 96 != 0 { telex.fields = tree() }
        if parts & 128 != 0 { telex.signals = signals() }
        var bytes = telex.encoded()
        if kinds & 64 != 0 { bytes[(byte() << 2) % bytes.count] ^= UInt8(truncatingIfNeeded: byte()) }
        if kinds & 128 != 0 { bytes.removeLast(number(below: bytes.count)) }
        return bytes
    }

    /// What tappers and hosts say about trees of tappers, or nothing.
    private mutating func tree() -> [Telex.Field] {
        let kind = byte()
        let end = SwitchWorld.ends[kind & 3].hex
        let texts = ["-", "0/0", "2/31 - 9999/9999", "\(end) \(kind >> 2 & 7)", "\(end) 0", "-1/5 x/y", "\(end)", ""]
        return kind & 64 == 0 ? [] : [Telex.Field(key: "tree", text: texts[kind >> 3 & 7])]
    }

    private mutating func rule() -> TapRule {
        let kind = byte()
        let end = SwitchWorld.ends[kind & 3].hex
        switch (kind >> 2) % 8 {
        case 0: return TapRule(is: ["+end": end], has: ["+key"])
        case 1: return TapRule(is: ["+end": end], has: ["+pop"])
        case 2: return TapRule(has: ["+key"])
        case 3: return TapRule()
        case 4: return TapRule(is: ["+key": "k", "+end": end])
        case 5: return TapRule(is: ["_hop": "1"], has: ["_line"])
        case 6: return TapRule(is: ["+message": "0"])
        default: return TapRule(has: (0..<8).map { "+\($0)" })
        }
    }

    private mutating func signals() -> Signals {
        let kind = byte()
        let end = kind & 8 == 0 ? SwitchWorld.ends[kind & 3] : SwitchWorld.peers[number(below: 20)].nodeID
        switch kind >> 4 {
        case 0...5: return Signals(["+end": end.hex])
        case 6...10: return SwitchWorld.messages[number(below: SwitchWorld.messages.count)]
        case 11: return Signals(["+end": end.hex, "+pop": "th:\(SwitchWorld.peers[number(below: 20)])"])
        case 12: return Signals(["+end": "no end", "+key": "k"])
        case 13: return Signals(["+key": "k", "+message": "without an end"])
        case 14: return Signals(["+end": end.hex, "+pop": "th:host.example:5"])
        default: return Signals(["+end": end.hex, "+key": "k", "+message": "\(number(below: 8))"])
        }
    }
}
