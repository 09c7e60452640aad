import Bus
import Messages
import ReceiverStore

/// One delivery on its way through the pipeline.
struct Parcel: Sendable {
    let delivery: DeliveryID
    /// The connection to the router that it came on; its ack goes back there or nowhere.
    let connection: ConnectionNumber
    let message: SignedMessage
    let source: Source
    /// This receiver's clock when it came, milliseconds since 1970.
    let receivedAt: Int64
    /// It comes from the mesh and is dated too far ahead: kept aside, and acknowledged as refused.
    var isEarly = false
}

/// What became of a delivery.
struct Settled: Sendable {
    let delivery: DeliveryID
    let connection: ConnectionNumber
    let message: MessageID
    let outcome: Ack.Outcome

    init(_ parcel: Parcel, _ outcome: Ack.Outcome) {
        self.init(
            delivery: parcel.delivery, connection: parcel.connection, message: parcel.message.id, outcome: outcome)
    }

    init(delivery: DeliveryID, connection: ConnectionNumber, message: MessageID, outcome: Ack.Outcome) {
        self.delivery = delivery
        self.connection = connection
        self.message = message
        self.outcome = outcome
    }
}

/// Counts the connections to the router in one run of the receiver.
struct ConnectionNumber: Hashable, Sendable {
    private(set) var value: UInt64 = 0

    mutating func advance() { value += 1 }
}

extension Ack.Outcome {
    init(_ outcome: Committed.Outcome) {
        switch outcome {
        case .stored: self = .stored
        case .duplicate: self = .duplicate
        case .refused(let refusal): self = .refused(refusal)
        }
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
