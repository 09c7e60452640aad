import Messages

/// A message with its signature. The id alone would not do before the signature is checked: whoever sends a message's
/// signals with a wrong signature first would make the router take the good one for a copy.
struct MessageKey: Hashable, Sendable {
    let id: MessageID
    /// Of all signals, the signature included; keyed anew in each process, so that nobody can make two fit.
    private let fingerprint: Int

    init(_ message: SignedMessage) {
        id = message.id
        var hasher = Hasher()
        hasher.combine(message.signals)
        fingerprint = hasher.finalize()
    }

    func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}
