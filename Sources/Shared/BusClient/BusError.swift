import Bus
import ZeroMQ

/// Why the bus didn't do what was asked, with a sentence for people.
package struct BusError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// Nothing is bound at the router's address (or it went away meanwhile).
        case noRouter = "no_router"
        /// The other side doesn't allow our key.
        case keyRefused = "key_refused"
        /// The other side is there, but didn't answer in time.
        case timedOut = "timed_out"
        /// The other side said no: see `refusal`.
        case refused
        /// The other side speaks another version of the bus.
        case version
        /// The router knows no receiver that could answer.
        case noReceiver = "no_receiver"
        /// The address of the bus can't be used.
        case addressInvalid = "address_invalid"
        /// Too many requests wait already.
        case busy
        /// The client was closed.
        case closed
        /// The calling task was cancelled.
        case cancelled
        /// The answer is none to this question.
        case unexpected
        /// The system has no sockets, threads or memory left.
        case system
    }

    package let code: Code
    package let message: String
    /// With `refused`: the other side's own words.
    package let refusal: Refusal?

    package var description: String { message }

    init(_ code: Code, _ message: String, refusal: Refusal? = nil) {
        self.code = code
        self.message = message
        self.refusal = refusal
    }

    init(_ refusal: Refusal) {
        self.init(.refused, "\(refusal.text) (\(refusal.code))", refusal: refusal)
    }

    init(_ error: ZeroMQError) {
        switch error.code {
        case .pathTooLong, .endpointMalformed, .transportRefused, .keyMalformed:
            self.init(.addressInvalid, error.message)
        case .loopClosed, .socketClosed: self = .closed
        case .directoryUnsafe, .addressInUse, .curveUnavailable, .system: self.init(.system, error.message)
        }
    }

    static let closed = BusError(.closed, "the bus client was closed")
    static let cancelled = BusError(.cancelled, "the request was cancelled")
    package static let noReceiver = BusError(
        .noReceiver, "the router knows no receiver; start p2pmsg-receiver on this bus")

    static func unexpected(from peer: String) -> BusError {
        BusError(.unexpected, "\(peer) answered another question")
    }
}
