import Bus
import Messages
import ReceiverStore
import Synchronization
import TelehashWire

/// What this receiver takes, and how much of it.
struct Admission: Sendable {
    let channels: KeptChannels
    let refuses2011: Bool
    let policy: Policy
    let rates: Rates
    let standings: Standings
    let clocks: ClockWatch

    /// Whether this receiver takes such messages at all.
    func isWanted(_ message: SignedMessage) -> Bool {
        channels.contains(message.end) && !(refuses2011 && message.scheme == .legacy)
    }

    /// What a message may be refused for before its signature is checked, and before anybody pays for it.
    ///
    /// - Parameters:
    ///   - receivedAt: when the message came, here or to another store. Times are milliseconds since 1970.
    ///   - now: this receiver's clock.
    func refusal(of message: SignedMessage, receivedAt: Int64, now: Int64) -> Refusal? {
        guard channels.contains(message.end) else { return .channelUnknown }
        if refuses2011, message.scheme == .legacy { return .weakSignature }
        return clocks.refusal(of: message, receivedAt: receivedAt, now: now) ?? policy.refusal(of: message.key)
    }

    /// A message was stored that was new here.
    func noteStored(_ message: SignedMessage, from source: Source, now: Int64) {
        clocks.noteStored(message, from: source, now: now)
        if source == .client { standings.met(message.key) }
    }
}

extension Refusal {
    /// The sender of a 2011 message meets a receiver that was told to refuse these.
    static let weakSignature = Refusal(
        code: "weak_signature_refused", text: "this receiver does not take 2011 signatures, which anybody can forge")

    static let channelUnknown = Refusal(
        code: "channel_not_subscribed", text: "this receiver does not keep the channel of the message")

    static let keyNotAllowed = Refusal(
        code: "key_not_allowed", text: "this receiver takes messages of certain keys only, and the author's is none")

    static let busy = Refusal(code: "busy", text: "this receiver has all the work that it can hold")
}

/// The channels that this receiver takes: those of its own flags, and those that the router says this node takes. Read
/// from several threads.
final class KeptChannels: Sendable {
    private struct State {
        var all: [Channel]
        var ends: Set<NodeID>
        var generation: UInt64 = 0
    }

    /// Those of the own flags, at least one.
    let own: [Channel]
    private let state: Mutex<State>

    init(_ own: [Channel]) {
        self.own = own
        state = Mutex(State(all: own, ends: Set(own.map(\.end))))
    }

    /// The own ones first.
    var all: [Channel] { state.withLock { $0.all } }

    func contains(_ end: NodeID) -> Bool { state.withLock { $0.ends.contains(end) } }

    /// Another number as soon as the store has learned of new channels: what other stores have of them is missing here.
    var generation: UInt64 { state.withLock { $0.generation } }

    func advance() { state.withLock { $0.generation += 1 } }

    /// Takes these beside the own ones from now on, and no others.
    ///
    /// - Returns: whether anything has changed.
    func adopt(_ channels: [Channel]) -> Bool {
        let all = own + channels.filter { !own.contains($0) }
        let ends = Set(all.map(\.end))
        return state.withLock { state in
            defer {
                state.all = all
                state.ends = ends
            }
            return state.ends != ends
        }
    }
}
