import Bus
import Logging
import Messages
import ReceiverStore
import ServiceRuntime
import Synchronization
import TelehashWire

/// What is too old to be kept, and whether the clock that says so is right.
///
/// The messages of others tell: one from the mesh that is dated now confirms the clock, and many that are dated ahead say
/// that it is behind. What this node's own clients write says nothing, because they have the same clock. A stranger who
/// dates a message by our wrong clock can end a doubt early; then retention does what it would have done without one.
final class ClockWatch: Sendable {
    private struct State {
        var trust: ClockTrust
        /// Authors from the mesh whose messages were dated now.
        var inTime: RecentAuthors
        var isReported = false
    }

    private let retention: Retention
    private let monotonic: @Sendable () -> ContinuousClock.Instant
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - newest: the newest time that the store knows.
    ///   - now: the wall clock. Times are milliseconds since 1970.
    init(
        _ retention: Retention, newest: Int64?, now: Int64, logger: Logger,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.retention = retention
        self.monotonic = monotonic
        self.logger = logger
        let start = ClockTrust.Reading(wall: now, monotonic: monotonic())
        state = Mutex(
            State(
                trust: ClockTrust(at: start, newest: newest, downtime: retention.downtime),
                inTime: RecentAuthors(since: start.monotonic)))
    }

    /// Whether age counts now; says when that changes.
    func believes(_ now: Int64) -> Bool {
        // Without a bound in time nothing hangs on it.
        guard retention.hasAge else { return true }
        let reading = ClockTrust.Reading(wall: now, monotonic: monotonic())
        let (doubt, isNew) = state.withLock { state in
            _ = state.trust.believes(reading)
            defer { state.isReported = state.trust.doubt != nil }
            return (state.trust.doubt, (state.trust.doubt != nil) != state.isReported)
        }
        if isNew {
            if let doubt {
                logger.warning("no message is dropped for its age", metadata: ["because": "\(Self.text(doubt))"])
            } else {
                logger.notice("messages are dropped for their age again: the clock is believed")
            }
        }
        return doubt == nil
    }

    /// What is before this is too old for a channel, at the intake as at the dropping. Milliseconds since 1970; nil: any
    /// age will do, or the clock is not believed.
    func oldest(of end: NodeID, now: Int64) -> Int64? {
        guard let age = retention.bounds(of: end).age, believes(now) else { return nil }
        return now - age.wholeMilliseconds
    }

    /// Why a message is too old to be taken, where it is.
    func refusal(of message: SignedMessage, receivedAt: Int64, now: Int64) -> Refusal? {
        guard let oldest = oldest(of: message.end, now: now), message.at ?? receivedAt < oldest else { return nil }
        return .expired
    }

    /// A message was stored that was new here.
    func noteStored(_ message: SignedMessage, from source: Source, now: Int64) {
        guard case .peer = source, let at = message.at,
            (now - MessageLimits.aheadMilliseconds...now + MessageLimits.aheadMilliseconds).contains(at)
        else { return }
        let reading = ClockTrust.Reading(wall: now, monotonic: monotonic())
        state.withLock { state in
            state.trust.believe(reading)
            state.inTime.add(message.key, now: reading.monotonic)
        }
    }

    /// What the operator should know of the clock.
    ///
    /// - Parameter early: authors of messages that were kept aside lately. Some keys are made in a moment, and a liar may
    ///   have many: they count only where they are more than those that are in time.
    func notices(early: Int, now: Int64) -> [Notice] {
        var notices: [Notice] = []
        if !believes(now), let doubt = state.withLock({ $0.trust.doubt }) {
            notices.append(
                Notice(code: "retention_held", text: "no message is dropped for its age: " + Self.text(doubt)))
        }
        let inTime = state.withLock { $0.inTime.count(now: monotonic()) }
        if early >= Limits.earlyAuthorsTold, early > inTime {
            notices.append(
                Notice(
                    code: "clock_behind",
                    text: "messages of \(early) authors are in the future: is this clock right?"))
        }
        return notices
    }

    private static func text(_ doubt: ClockTrust.Doubt) -> String {
        switch doubt {
        case .jumped(let ahead):
            "the clock went \(DurationText.describe(.milliseconds(ahead))) further than time did: is it right?"
        case .farAhead(let ahead):
            "the clock is \(DurationText.describe(.milliseconds(ahead))) beyond the last that this store knows: is it right?"
        }
    }
}

/// How many authors were heard lately: in the time between one and two ``Limits/authorsTime``, as many as
/// ``Limits/authorsCounted``.
struct RecentAuthors: Sendable {
    private var new: Set<PublicKey> = []
    private var old: Set<PublicKey> = []
    private var since: ContinuousClock.Instant

    init(since start: ContinuousClock.Instant) { since = start }

    mutating func add(_ author: PublicKey, now: ContinuousClock.Instant) {
        turn(now)
        if new.count < Limits.authorsCounted { new.insert(author) }
    }

    mutating func count(now: ContinuousClock.Instant) -> Int {
        turn(now)
        return new.union(old).count
    }

    private mutating func turn(_ now: ContinuousClock.Instant) {
        let passed = since.duration(to: now)
        guard passed >= Limits.authorsTime else { return }
        old = passed < Limits.authorsTime * 2 ? new : []
        new = []
        since = now
    }
}
