import Dispatch
import Foundation
import Synchronization
import TestSupport

/// An internet of network namespaces: every host has its own kernel state and a public address, and a wire that leads here,
/// where packets are passed on to the host that they are for. What happens to them on the way is ``weather``.
///
/// The packets are real: they leave one socket and arrive at another through the kernel's IP, its NAT included. Only the
/// cables are ours. Nothing of it touches the machine's own network.
final class Internet: Sendable {
    /// What went from one address to another.
    struct Flow: Sendable {
        var packets = 0
        var lost = 0
        var bytes = 0
        /// Telexes with a `_line`.
        var withLine = 0
    }

    private struct Pair: Hashable {
        let source: Address
        let target: Address
    }

    private struct State {
        var wires: [UInt32: Tun] = [:]
        var weather = Weather.fair
        var random: SeededNumbers
        var flows: [Pair: Flow] = [:]
        /// Bytes of UDP payload to addresses that nobody has.
        var astray: [UInt32: Int] = [:]
        var isClosed = false
    }

    private let state: Mutex<State>
    private let clock = DispatchQueue(label: "weather", qos: .userInteractive)
    /// For the names of devices, which are 15 bytes at most.
    private let mark = String(getpid(), radix: 36)

    /// - Parameter seed: of everything that the weather decides.
    init(seed: UInt64) {
        state = Mutex(State(random: SeededNumbers(seed: seed)))
    }

    /// Ends all wires. Programs on the hosts should have ended before.
    func close() {
        let wires = state.withLock { state in
            defer { state.wires = [:] }
            state.isClosed = true
            return state.wires.values
        }
        for wire in wires { wire.close() }
    }

    deinit { close() }

    /// A host with a public address.
    func host(_ address: String) throws -> Host {
        let (space, wire) = try attach(address)
        return Host(space: space, address: address, wire: wire, isBehindNAT: false)
    }

    /// A namespace with a public address and a wire to everybody else.
    func attach(_ text: String) throws -> (NetworkSpace, Tun) {
        guard let address = Address(text) else { throw NotInTime("'\(text)' is no address") }
        let number = state.withLock { $0.wires.count }
        let space = try NetworkSpace("n\(number)")
        let wire = try Tun(in: space, name: "pm\(mark)n\(number)")
        try wire.bringUp(text)
        state.withLock { $0.wires[address.host] = wire }
        wire.readAll { [weak self] packet in self?.carry(packet) }
        return (space, wire)
    }

    /// Changes what happens to all packets from now on.
    ///
    /// With netem the kernel does it to what each host sends; without, we do it between the wires.
    func set(_ weather: Weather) throws {
        guard NetworkTool.hasNetem else { return state.withLock { $0.weather = weather } }
        for wire in state.withLock({ Array($0.wires.values) }) {
            let place = ["tc", "-n", wire.space.name, "qdisc", "replace", "dev", wire.name, "root"]
            try NetworkTool.run(place + (weather.isFair ? ["pfifo", "limit", "10000"] : weather.netem))
        }
    }

    func flow(from source: Address, to target: Address) -> Flow {
        state.withLock { $0.flows[Pair(source: source, target: target)] ?? Flow() }
    }

    /// Whether telexes with a `_line` went both ways, so that each of the two has the other's ring.
    func hasLine(
        between first: Address, anyPortOfFirst: Bool, and second: Address, anyPortOfSecond: Bool
    ) -> Bool {
        func fits(_ address: Address, _ wanted: Address, _ anyPort: Bool) -> Bool {
            address.host == wanted.host && (anyPort || address.port == wanted.port)
        }
        return state.withLock { state in
            state.flows.contains { pair, flow in
                guard flow.withLine > 0, fits(pair.source, first, anyPortOfFirst),
                    fits(pair.target, second, anyPortOfSecond)
                else { return false }
                return state.flows[Pair(source: pair.target, target: pair.source)]?.withLine ?? 0 > 0
            }
        }
    }

    /// Everything that all flows had together.
    var total: Flow {
        state.withLock { state in
            state.flows.values.reduce(into: Flow()) { sum, flow in
                sum.packets += flow.packets
                sum.lost += flow.lost
                sum.bytes += flow.bytes
                sum.withLine += flow.withLine
            }
        }
    }

    /// Bytes of datagrams that went to each address which nobody has.
    var astray: [UInt32: Int] { state.withLock { $0.astray } }

    private func carry(_ bytes: UnsafeRawBufferPointer) {
        guard let target = Packet.target(of: bytes) else { return }
        let packet = Packet(bytes)
        let (wire, arrivals): (Tun?, [Duration]) = state.withLock { state in
            guard let wire = state.wires[target] else {
                if let packet { state.astray[target, default: 0] += packet.payload.count }
                return (nil, [])
            }
            let arrivals = state.weather.isFair ? [.zero] : state.weather.arrivals(using: &state.random)
            if let packet {
                let pair = Pair(source: packet.source, target: packet.target)
                state.flows[pair, default: Flow()].note(packet, wasLost: arrivals.isEmpty)
            }
            return (wire, arrivals)
        }
        guard let wire else { return }
        for delay in arrivals {
            guard delay > .zero else {
                wire.deliver(bytes)
                continue
            }
            let copy = [UInt8](bytes)
            clock.asyncAfter(deadline: .now() + delay.seconds) { [weak self] in
                // A wire that was closed meanwhile has a descriptor that may be somebody else's.
                guard let self, !self.state.withLock({ $0.isClosed }) else { return }
                copy.withUnsafeBytes { wire.deliver($0) }
            }
        }
    }
}

extension Internet.Flow {
    fileprivate mutating func note(_ packet: Packet, wasLost: Bool) {
        packets += 1
        bytes += packet.payload.count
        if wasLost { lost += 1 } else if packet.carriesLine { withLine += 1 }
    }
}

/// Numbers that are the same in each run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
