import Bus
import Messages
import ReceiverStore

/// What this receiver takes: everything that a message may be refused for before its signature is checked.
struct Admission: Sendable {
    let channels: KeptChannels
    let refuses2011: Bool
    let policy: Policy
    let clocks: ClockWatch

    /// Whether this receiver takes such messages at all.
    func isWanted(_ message: SignedMessage) -> Bool {
        channels.contains(message.end) && !(refuses2011 && message.scheme == .legacy)
    }

    /// - Parameters:
    ///   - receivedAt: when the message came, here or to another store. Times are milliseconds since 1970.
    ///   - now: this receiver's clock.
    func refusal(of message: SignedMessage, from source: Source, receivedAt: Int64, now: Int64) -> Refusal? {
        guard channels.contains(message.end) else { return .channelUnknown }
        if refuses2011, message.scheme == .legacy { return .weakSignature }
        return clocks.refusal(of: message, receivedAt: receivedAt, now: now)
            ?? policy.refusal(of: message, from: source)
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

    static let rateLimited = Refusal(
        code: "rate_limited", text: "too many messages of this author or from this peer; try again later")

    static let busy = Refusal(code: "busy", text: "this receiver has all the work that it can hold")
}
