import CDatagrams
import Glibc
import ServiceRuntime
import Telehash

/// The one place that applies events to the ``Switch`` and performs their effects; nothing suspends in between, as
/// everything runs on one thread. The switch outlives every socket: one that is lost is bound again.
///
/// What concerns the bus is collected during a burst of datagrams and handed over once.
final class MeshCore {
    /// Binds a socket anew.
    typealias Binder = () throws(SocketError) -> UDPSocket

    private let binder: Binder
    private let report: ([MeshEvent]) -> Void

    private var mesh: Switch
    private var random = SystemRandomNumberGenerator()
    private var effects: [Effect] = []
    private var events: [MeshEvent] = []

    // The socket
    private var socket: UDPSocket?
    private var life = SocketLife(now: .now)
    private var outbox = Outbox()
    private let sending = DatagramRoom(bytesEach: DatagramRoom.toSend)
    private let receiving = DatagramRoom(bytesEach: DatagramRoom.toReceive)
    private var receiveErrors: UInt64 = 0
    /// Datagrams that the system's buffer had no room for: of earlier sockets, and of this one.
    private var drops: (earlier: UInt64, now: UInt64) = (0, 0)
    private var heardAt: Instant?

    /// Starts the switch.
    ///
    /// - Parameters:
    ///   - awaitsSeeds: whether names of seeds are being looked up.
    ///   - report: gets what the bus has to know; called on this thread, must not block.
    init(
        _ configuration: Switch.Configuration, socket: UDPSocket, awaitsSeeds: Bool, binder: @escaping Binder,
        report: @escaping ([MeshEvent]) -> Void
    ) {
        self.socket = socket
        self.binder = binder
        self.report = report
        mesh = Switch(configuration, now: .now, using: &random)
        effects.reserveCapacity(64)
        mesh.start(now: .now, using: &random, into: &effects)
        if awaitsSeeds { mesh.awaitSeeds() }
        performEffects()
        finishBurst()
    }

    // MARK: Events

    /// Waits until something happens, and sees to it.
    ///
    /// - Parameter alarm: that others ring when they want something.
    func turn(alarm: CInt) {
        let found = p2pmsg_wait(socket?.descriptor ?? -1, alarm, nanosecondsToRest)
        if found & CInt(P2PMSG_READABLE | P2PMSG_BROKEN) != 0 {
            readBurst()
            if found & CInt(P2PMSG_BROKEN) != 0, let socket { judge(socket.takeError()) }
        }
        let now = Instant.now
        if mesh.nextDeadline <= now {
            mesh.tick(now: now, using: &random, into: &effects)
            performEffects()
        }
        if let next = life.nextTry, next <= now { bindAgain() }
        finishBurst()
    }

    /// Applies an event from elsewhere.
    func apply(_ body: (inout Switch, Instant, inout SystemRandomNumberGenerator, inout [Effect]) -> Void) {
        body(&mesh, .now, &random, &effects)
        performEffects()
        finishBurst()
    }

    /// Until when nothing is due; negative: for ever.
    private var nanosecondsToRest: Int64 {
        let now = Instant.now
        var deadline = min(mesh.nextDeadline, life.nextTry ?? .distantFuture)
        if outbox.isBlocked { deadline = min(deadline, now.advanced(by: RouterLimits.sendRetry)) }
        return deadline == .distantFuture ? -1 : max(0, deadline.nanoseconds(since: now))
    }

    /// Reads what has come, within bounds, so that others have their turn in a flood.
    private func readBurst() {
        for _ in 0..<MeshCore.readsPerBurst {
            guard let socket else { return }
            let count = socket.receive(into: receiving)
            guard count > 0 else { return judge(-count) }
            life.didRead()
            let now = Instant.now
            heardAt = now
            for index in 0..<Int(count) {
                guard let from = receiving.sender(index) else { continue }
                mesh.receive(receiving.bytes(index), from: from, now: now, using: &random, into: &effects)
                performEffects()
            }
            if count < CInt(Outbox.batch) { return }
        }
    }

    private func performEffects() {
        for effect in effects {
            switch effect {
            case .send(let bytes, let endpoint): outbox.add(Outgoing(bytes: bytes, endpoint: endpoint))
            case .deliver(let delivery): events.append(.delivery(delivery))
            case .progress(let progress): events.append(.progress(progress))
            case .found: break
            }
        }
        effects.removeAll(keepingCapacity: true)
        if outbox.count >= Outbox.batch, !outbox.isBlocked { flush() }
    }

    /// Sends what a burst has written, and tells the bus what it brought.
    private func finishBurst() {
        if outbox.count > 0 { flush() }
        if !events.isEmpty {
            report(events)
            events.removeAll(keepingCapacity: true)
        }
    }

    private func flush() {
        guard let socket else { return outbox.discard() }
        outbox.flush { socket.send($0, through: sending) }
    }

    // MARK: The socket

    /// What an error of reading means for the socket.
    private func judge(_ code: CInt) {
        guard code != 0, code != EAGAIN, code != EWOULDBLOCK else { return }
        receiveErrors += 1
        if life.didFailToRead(code) { lose(because: SocketError(code: code)) }
    }

    /// The socket can't be used any more; the switch goes on, and gets another one.
    private func lose(because error: SocketError) {
        lookAtDrops()
        socket?.close()
        socket = nil
        drops = (drops.earlier + drops.now, 0)
        life.didLose("\(error)", now: .now)
    }

    private func bindAgain() {
        do throws(SocketError) {
            socket = try binder()
            life.didBind(now: .now)
        } catch {
            life.didFail("\(error)", now: .now)
        }
    }

    private func lookAtDrops() {
        if let socket { drops.now = socket.receiveDrops }
    }

    func close() {
        finishBurst()
        socket?.close()
        socket = nil
    }

    // MARK: What it is like

    /// The switch as it is now, with the socket's own counters among its.
    func status() -> MeshStatus {
        let now = Instant.now
        let status = mesh.status(now: now)
        lookAtDrops()
        var own = outbox.failures.byName
        own["udp_socket_errors"] = receiveErrors
        own["udp_socket_losses"] = life.losses
        own["udp_receive_drops"] = drops.earlier + drops.now
        let udp = UDPStatus(
            unboundFor: life.trouble.map { $0.since.duration(to: now) }, why: life.trouble?.why,
            silence: heardAt.map { $0.duration(to: now) })
        return MeshStatus(mesh: status, udp: udp, counters: status.counters.merging(own) { $1 })
    }

    func acquaintances(limit: Int) -> Acquaintances { (mesh.contacts(limit: limit), mesh.rememberedLines()) }

    /// Batches that are read before others have their turn: a thousand datagrams.
    private static let readsPerBurst = 16
}

/// The switch's state, that of its socket, and the counters of both.
struct MeshStatus: Sendable {
    let mesh: SwitchStatus
    let udp: UDPStatus
    let counters: [String: UInt64]
}

/// Whether the UDP socket is there and anything comes.
struct UDPStatus: Equatable, Sendable {
    /// For how long there has been no socket; nil: there is one.
    var unboundFor: Duration?
    /// What the system says to that.
    var why: String?
    /// Since when no datagram has come; nil: none ever has.
    var silence: Duration?

    /// What `/livez` says about it: nothing until it has been lost for long.
    var complaint: String? {
        guard let unboundFor, unboundFor >= RouterLimits.unboundPatience else { return nil }
        return "the UDP socket has been lost for \(DurationText.describe(unboundFor)): \(why ?? "nobody knows why")"
    }
}

/// What the mesh tells the bus.
enum MeshEvent: Sendable {
    case delivery(Telehash.Delivery)
    case progress(PublicationProgress)
}

extension Instant {
    /// The monotonic clock, which stands still while the machine sleeps.
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
