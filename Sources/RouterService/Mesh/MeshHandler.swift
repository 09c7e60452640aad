import NIOCore
import Telehash

/// The one place that applies events to the ``Switch`` and performs their effects; nothing suspends in between, as
/// everything runs on the channel's event loop.
///
/// What concerns the bus is collected during a burst of datagrams and handed over once.
final class MeshHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private var mesh: Switch
    private var random = SystemRandomNumberGenerator()
    private var effects: [Effect] = []
    private var events: [MeshEvent] = []
    private var addresses = SocketAddressCache()
    private var timer: Scheduled<Void>?
    private var timerDeadline = Instant.distantFuture
    private var context: ChannelHandlerContext?
    private var socketErrors: UInt64 = 0
    private let report: @Sendable ([MeshEvent]) -> Void

    /// - Parameter report: gets what the bus has to know; called on the event loop, must not block.
    init(configuration: Switch.Configuration, report: @escaping @Sendable ([MeshEvent]) -> Void) {
        self.report = report
        mesh = Switch(configuration, now: .now, using: &random)
        effects.reserveCapacity(64)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    /// Starts the switch; called once, when the handler is on its bound channel.
    func begin() {
        mesh.start(now: .now, using: &random, into: &effects)
        performEffects()
        finishBurst()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let from = Endpoint(envelope.remoteAddress) else { return }
        mesh.receive(
            Array(envelope.data.readableBytesView), from: from, now: .now, using: &random, into: &effects)
        performEffects()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        finishBurst()
    }

    /// One datagram that could not be received or sent (an ICMP answer, a full buffer) hurts nobody else.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        socketErrors += 1
    }

    /// Applies an event from the bus. On the event loop only.
    func apply(_ body: (inout Switch, Instant, inout SystemRandomNumberGenerator, inout [Effect]) -> Void) {
        body(&mesh, .now, &random, &effects)
        performEffects()
        finishBurst()
    }

    /// The switch as it is now, with the socket's own counters among its. On the event loop only.
    ///
    /// - Parameter receiveDrops: datagrams that the socket's buffer had no room for.
    func status(receiveDrops: UInt64) -> MeshStatus {
        let status = mesh.status(now: .now)
        let own = ["udp_socket_errors": socketErrors, "udp_receive_drops": receiveDrops]
        return MeshStatus(mesh: status, counters: status.counters.merging(own) { $1 })
    }

    /// On the event loop only.
    func acquaintances(limit: Int) -> (contacts: [Endpoint], lines: [RememberedLine]) {
        (mesh.contacts(limit: limit), mesh.rememberedLines())
    }

    private func performEffects() {
        for effect in effects {
            switch effect {
            case .send(let bytes, let endpoint): send(bytes, to: endpoint)
            case .deliver(let delivery): events.append(.delivery(delivery))
            case .progress(let progress): events.append(.progress(progress))
            case .found: break
            }
        }
        effects.removeAll(keepingCapacity: true)
    }

    private func send(_ bytes: [UInt8], to endpoint: Endpoint) {
        guard let context, let address = addresses.address(of: endpoint) else { return }
        let buffer = context.channel.allocator.buffer(bytes: bytes)
        context.write(wrapOutboundOut(AddressedEnvelope(remoteAddress: address, data: buffer)), promise: nil)
    }

    /// Sends what a burst has written, tells the bus what it brought, and sets the timer anew.
    private func finishBurst() {
        context?.flush()
        if !events.isEmpty {
            report(events)
            events.removeAll(keepingCapacity: true)
        }
        schedule()
    }

    private func schedule() {
        let deadline = mesh.nextDeadline
        guard deadline < timerDeadline || timer == nil, let context else { return }
        timer?.cancel()
        timerDeadline = deadline
        let loop = context.eventLoop
        timer = loop.assumeIsolated().scheduleTask(deadline: deadline.onEventLoop) { [self] in
            timer = nil
            timerDeadline = .distantFuture
            mesh.tick(now: .now, using: &random, into: &effects)
            performEffects()
            finishBurst()
        }
    }
}

/// The switch's state, and its counters with those of its socket.
struct MeshStatus: Sendable {
    let mesh: SwitchStatus
    let counters: [String: UInt64]
}

/// What the mesh tells the bus.
enum MeshEvent: Sendable {
    case delivery(Telehash.Delivery)
    case progress(PublicationProgress)
}

extension Instant {
    /// The monotonic clock that NIO's timers use.
    static var now: Instant { Instant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }

    var onEventLoop: NIODeadline { .uptimeNanoseconds(UInt64(clamping: nanoseconds)) }
}
