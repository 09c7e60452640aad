import Bus
import Messages
import Synchronization
import Telehash
import TelehashWire
import ZeroMQ

/// The way from the bus to the switch and back. Lives on the bus's thread; what crosses over is posted to the other
/// side's loop, never waited for.
final class MeshPort {
    private let mesh: MeshSocket
    private let link: BusLink
    /// What is said about the node beside what the switch says.
    let describe: (MeshStatus) -> NodeDescription
    private var publications: [PublicationID: MessageKey] = [:]
    private var lastPublication: UInt64 = 0
    /// Handed to the switch together, at the end of a burst.
    private var outgoing: [(PublicationID, SignedMessage, Origin)] = []
    private var judged: [(DeliveryToken, Signals, Judgement)] = []

    init(mesh: MeshSocket, link: BusLink, describe: @escaping (MeshStatus) -> NodeDescription) {
        self.mesh = mesh
        self.link = link
        self.describe = describe
    }

    func publish(_ message: SignedMessage, from origin: Origin) {
        lastPublication += 1
        let id = PublicationID(value: lastPublication)
        publications[id] = MessageKey(message)
        outgoing.append((id, message, origin))
    }

    /// What became of signals that the switch delivered.
    func judged(_ token: DeliveryToken, _ signals: Signals, _ judgement: Judgement) {
        judged.append((token, signals, judgement))
    }

    /// Hands over what was published and judged since the last time.
    func flush() {
        if !judged.isEmpty {
            let batch = judged
            judged.removeAll(keepingCapacity: true)
            mesh.apply { mesh, now, random, effects in
                for (token, signals, judgement) in batch {
                    mesh.didJudge(token, signals, as: judgement, now: now, using: &random, into: &effects)
                }
            }
        }
        guard !outgoing.isEmpty else { return }
        let batch = outgoing
        outgoing.removeAll(keepingCapacity: true)
        mesh.apply { mesh, now, random, effects in
            for (id, message, origin) in batch {
                mesh.publish(
                    message.signals, end: message.end, as: id, ofGuest: origin == .visitor, now: now, using: &random,
                    into: &effects)
            }
        }
    }

    /// The message behind a progress report; forgotten with the last one.
    func message(of progress: PublicationProgress) -> MessageKey? {
        progress.finished ? publications.removeValue(forKey: progress.id) : publications[progress.id]
    }

    func tap(_ ends: Set<NodeID>) {
        mesh.apply { mesh, now, random, effects in mesh.tap(ends, now: now, using: &random, into: &effects) }
    }

    /// Asks the switch for its state; `body` runs later, on the bus's thread.
    func askForStatus(_ body: @escaping @Sendable (RouterBus, MeshStatus) -> Void) {
        mesh.status { [link] status in link.post { body($0, status) } }
    }
}

/// How the switch's side reaches the bus, which starts after it.
final class BusLink: Sendable {
    private struct State {
        /// Kept until the loop has ended: its socket is open until then, and what arrives on it is for the bus.
        var bus: LoopBound<RouterBus>?
        var isOpen = false

        var reachable: LoopBound<RouterBus>? { isOpen ? bus : nil }
    }

    private let loop: Loop
    private let state = Mutex(State())

    init(loop: Loop) {
        self.loop = loop
    }

    func connect(_ bus: LoopBound<RouterBus>) {
        state.withLock { $0 = State(bus: bus, isOpen: true) }
    }

    /// From now on nothing reaches the bus from here.
    func disconnect() {
        state.withLock { $0.isOpen = false }
    }

    /// Runs `body` on the bus's thread. Before the bus is there nothing is tapped, so nothing of value can come.
    func post(_ body: @escaping @Sendable (RouterBus) -> Void) {
        guard let bus = state.withLock({ $0.reachable }) else { return }
        loop.post { context in body(bus.value(in: context)) }
    }

    /// The same with an answer; nil when the bus is not there (any more).
    @discardableResult
    func ask<Answer: Sendable>(_ body: @escaping @Sendable (RouterBus) -> Answer) async -> Answer? {
        guard let bus = state.withLock({ $0.reachable }) else { return nil }
        return try? await loop.run { context in body(bus.value(in: context)) }
    }
}
