import CDatagrams
import Glibc
import ServiceRuntime
import Synchronization
import Telehash
import TelehashWire
import ZeroMQ

/// Switches worth knowing after a restart, and lines that go on after one.
typealias Acquaintances = (contacts: [Endpoint], lines: [RememberedLine])

/// The switch with its UDP socket, on a thread that waits for datagrams, for deadlines and for what others ask for.
///
/// The thread is our own because NIO's datagram channel does not survive its socket: it closes it at most errors of a single
/// send, and traps when the system destroys it.
final class MeshSocket: Sendable {
    /// Bytes that the kernel keeps for us while the loop is busy: 50 ms of 40,000 telexes of 440 bytes a second, with
    /// the kernel's overhead. Without `CAP_NET_ADMIN` the kernel cuts it to `net.core.rmem_max`.
    static let bufferBytes = 4 * 1024 * 1024

    /// Makes sockets, so that tests can have some that fail.
    typealias Opener = @Sendable (_ host: String, _ port: Int) throws(SocketError) -> UDPSocket

    private typealias Job = @Sendable (MeshCore) -> Void

    private struct State {
        var jobs: [Job] = []
        var isEnding = false
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let alarm: CInt
    /// Where the socket listens, with the port that the system chose.
    let bound: ListenAddress

    /// Binds and starts the switch.
    ///
    /// - Parameter report: gets what the bus has to know; called on the switch's thread, must not block.
    /// - Throws: ``FailureReport`` that names the address when it cannot be used.
    init(
        _ address: ListenAddress, seeds: SeedAddresses, known: [Endpoint], remembered: [RememberedLine] = [],
        advertised: Endpoint?, networks: OwnNetworks,
        opener: @escaping Opener = { (host, port) throws(SocketError) in
            try UDPSocket(bindingTo: host, port: port, bufferBytes: MeshSocket.bufferBytes)
        },
        report: @escaping @Sendable ([MeshEvent]) -> Void
    ) throws(FailureReport) {
        guard case .ip(let host, let port) = address else {
            throw FailureReport("--udp \(address): a UDP socket needs ADDRESS:PORT", status: .usage)
        }
        do throws(SocketError) {
            let socket = try opener(host, port)
            bound = socket.address
            alarm = p2pmsg_make_alarm()
            guard alarm >= 0 else { throw SocketError(code: errno) }
            let configuration = Switch.Configuration(
                seeds: seeds.endpoints, known: known, remembered: remembered, advertised: advertised,
                bound: MeshSocket.literal(bound), speaksIPv6: socket.isIPv6, networks: networks)
            try startThread {
                MeshCore(
                    configuration, socket: socket, awaitsSeeds: seeds.awaitsMore,
                    binder: { () throws(SocketError) in try opener(host, socket.port) }, report: report)
            }
        } catch {
            throw FailureReport(error, listeningAt: address)
        }
    }

    deinit { Glibc.close(alarm) }

    // MARK: What others ask for

    /// Applies an event to the switch. Never blocks.
    func apply(
        _ body: @escaping @Sendable (inout Switch, Instant, inout SystemRandomNumberGenerator, inout [Effect]) -> Void
    ) {
        post { $0.apply(body) }
    }

    /// Hands the switch's state to `body`, on the switch's thread; never, when that has ended.
    func status(_ body: @escaping @Sendable (MeshStatus) -> Void) {
        post { body($0.status()) }
    }

    /// Returns when the switch's thread has come round; at once when there is none any more.
    func turn() async { _ = await ask { _ in true } }

    /// The switch's state; nil when it has ended.
    func status() async -> MeshStatus? { await ask { $0.status() } }

    /// The switches worth knowing after a restart, and the lines that go on after one.
    func acquaintances(limit: Int) async -> Acquaintances {
        await ask { $0.acquaintances(limit: limit) } ?? ([], [])
    }

    /// Ends the thread after what was posted, and returns when it has.
    func close() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                state.isEnding = true
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() } else { p2pmsg_ring(alarm) }
        }
    }

    /// Runs `job` on the thread, after those that were posted before. Never blocks.
    ///
    /// - Returns: false when the thread has ended; then the job is never run.
    @discardableResult
    private func post(_ job: @escaping Job) -> Bool {
        let (isTaken, mustRing) = state.withLock { state in
            guard !state.isEnding else { return (false, false) }
            state.jobs.append(job)
            return (true, state.jobs.count == 1)
        }
        if mustRing { p2pmsg_ring(alarm) }
        return isTaken
    }

    /// Runs `body` on the thread; nil when that has ended.
    private func ask<Answer: Sendable>(_ body: @escaping @Sendable (MeshCore) -> Answer) async -> Answer? {
        await withCheckedContinuation { continuation in
            let isTaken = post { continuation.resume(returning: body($0)) }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    // MARK: The thread

    /// - Parameter make: makes the core, on the thread.
    private func startThread(_ make: @escaping @Sendable () -> MeshCore) throws(SocketError) {
        do throws(ZeroMQError) {
            try NativeThread.detach("mesh") { [self] in run(make()) }
        } catch {
            throw SocketError(code: EAGAIN)
        }
    }

    private func run(_ core: MeshCore) {
        while true {
            let (jobs, isEnding) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isEnding)
            }
            for job in jobs { job(core) }
            if isEnding { break }
            core.turn(alarm: alarm)
        }
        core.close()
        let waiters = state.withLock { state in
            state.hasEnded = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The own address, unless the socket listens on all of them.
    private static func literal(_ bound: ListenAddress) -> Endpoint? {
        switch Endpoint(bound.description)?.address {
        case nil, .v4(0), .v6(0, 0): nil
        default: Endpoint(bound.description)
        }
    }
}
