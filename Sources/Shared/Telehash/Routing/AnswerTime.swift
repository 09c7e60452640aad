/// How long answers take here, and so how long one is waited for: RFC 6298 without its back-off, because a lookup has
/// others to ask.
struct AnswerTime: Sendable {
    /// In whole nanoseconds, as the clock counts: a wait that ends between two of its ticks would never be over.
    private var smoothed: Int64?
    private var variation: Int64 = 0
    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    /// How long a question may stay unanswered before it is asked again, or somebody else is.
    var patience: Duration {
        guard let smoothed else { return limits.routing.firstQuestionTimeout }
        let time = Duration.nanoseconds(smoothed + variation * 4)
        return min(max(time, limits.routing.shortestQuestionTimeout), limits.routing.questionTimeout)
    }

    /// An answer came to a question that was asked once; of one that was repeated nobody knows to which it belongs
    /// (Karn's algorithm).
    mutating func didTake(_ time: Duration) {
        let taken = Instant.zero.advanced(by: time).nanoseconds
        guard let mean = smoothed else {
            smoothed = taken
            variation = taken / 2
            return
        }
        variation += (abs(taken - mean) - variation) / 4
        smoothed = mean + (taken - mean) / 8
    }
}
