import Foundation
import Synchronization
import Telehash
import TelehashWire
import TestSupport

/// A production ``Switch`` on a UDP socket of this process: a stranger who joins a real mesh and looks places up in it.
final class Probe: Sendable {
    private struct State {
        var node: Switch
        var random = SystemRandomNumberGenerator()
        var effects: [Effect] = []
        var isOver = false
    }

    let endpoint: Endpoint
    private let descriptor: Int32
    private let state: Mutex<State>
    private let reports = Mailbox<LookupReport>()
    private let lookups = Atomic<UInt64>(0)
    private let mayLeave: @Sendable (_ datagram: [UInt8], _ to: Endpoint) -> Bool

    /// Binds to a free port of an address of 127.0.0.0/8 and joins.
    ///
    /// - Parameter mayLeave: what is sent of all that the switch wants to send.
    init(
        seeds: [Address], host: UInt32 = 0x7f00_0001,
        mayLeave: @escaping @Sendable (_ datagram: [UInt8], _ to: Endpoint) -> Bool = { _, _ in true }
    ) throws {
        self.mayLeave = mayLeave
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        self.descriptor = descriptor
        let port = try FreePort.udp()
        var own = Self.socketAddress(host, port)
        let isBound = Self.withRaw(&own) { bind(descriptor, $0, $1) == 0 }
        guard isBound, let endpoint = Endpoint(ipv4: host, port: port) else {
            let error = SystemError("bind to port \(port)")
            close(descriptor)
            throw error
        }
        self.endpoint = endpoint
        var random = SystemRandomNumberGenerator()
        let configuration = Switch.Configuration(
            seeds: seeds.compactMap { Endpoint(ipv4: $0.host, port: $0.port) }, bound: endpoint)
        state = Mutex(State(node: Switch(configuration, now: Self.now, using: &random)))
        apply { $0.node.start(now: Self.now, using: &$0.random, into: &$0.effects) }
        Thread.detachNewThread { [weak self] in
            while Probe.turn(self, descriptor) {}
            close(descriptor)
        }
    }

    /// Leaves without a word.
    func stop() { state.withLock { $0.isOver = true } }

    deinit { stop() }

    /// Switches that it has lines with.
    var switches: Int { state.withLock { $0.node.status(now: Self.now).switches } }

    /// Hands signals to those who tap an end, and to the closest switches.
    func publish(_ signals: Signals, end: NodeID) {
        let id = PublicationID(value: lookups.add(1, ordering: .relaxed).newValue)
        apply { $0.node.publish(signals, end: end, as: id, now: Self.now, using: &$0.random, into: &$0.effects) }
    }

    /// Looks a place up.
    func lookUp(_ target: NodeID) async throws -> LookupReport {
        let id = LookupID(value: lookups.add(1, ordering: .relaxed).newValue)
        apply { $0.node.lookUp(target, as: id, now: Self.now, using: &$0.random, into: &$0.effects) }
        guard let found = await reports.first(within: .seconds(30), where: { $0.id == id }) else {
            throw NotInTime("the lookup of \(target) does not end")
        }
        return found.element
    }

    /// Waits for a datagram or the next deadline, and handles it; false when all is over.
    private static func turn(_ probe: Probe?, _ descriptor: Int32) -> Bool {
        guard let probe, !probe.state.withLock({ $0.isOver }) else { return false }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Deadlines that others bring nearer meanwhile are met 2 ms late at most.
        poll(&entry, 1, 2)
        var buffer = [UInt8](repeating: 0, count: WireLimits.acceptedBytes + 1)
        var sender = sockaddr_in()
        while true {
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                    recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), raw, &size)
                }
            }
            guard count >= 0 else { break }
            let host = UInt32(bigEndian: sender.sin_addr.s_addr)
            guard let from = Endpoint(ipv4: host, port: UInt16(bigEndian: sender.sin_port)) else { continue }
            let datagram = Array(buffer[..<count])
            probe.apply { $0.node.receive(datagram, from: from, now: now, using: &$0.random, into: &$0.effects) }
        }
        probe.apply { state in
            guard state.node.nextDeadline <= now else { return }
            state.node.tick(now: now, using: &state.random, into: &state.effects)
        }
        return true
    }

    private func apply(_ body: (inout State) -> Void) {
        let effects = state.withLock { state in
            body(&state)
            defer { state.effects = [] }
            return state.effects
        }
        for effect in effects {
            switch effect {
            case .send(let bytes, let to): if mayLeave(bytes, to) { send(bytes, to: to) }
            case .found(let report): reports.append(report)
            case .deliver, .progress: break
            }
        }
    }

    private func send(_ bytes: [UInt8], to endpoint: Endpoint) {
        guard case .v4(let host) = endpoint.address else { return }
        var address = Self.socketAddress(host, endpoint.port)
        _ = Self.withRaw(&address) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    }

    private static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    private static func socketAddress(_ host: UInt32, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return address
    }

    private static func withRaw<Value>(
        _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
