import TelehashWire

/// The two windows of a line, in bytes of UDP payload (part B, section 5; part A, rule 5).
///
/// Each side reports as `_br` how much it accepted. Nothing is sent while too much is unreported, and the receiver
/// drops what comes while it owes a report.
struct LineWindow: Sendable {
    /// Bytes accepted from the peer: what our `_br` says.
    private(set) var received = 0
    /// The last `_br` that we sent.
    private(set) var reported = 0
    /// Bytes sent to the peer.
    private(set) var sent = 0
    /// The highest `_br` of the peer; `nil` while it never sent one.
    @Packed private(set) var acknowledged: Int? = nil
    /// Sent bytes that are known to be lost; 2011 counts them as in flight for ever.
    private var lost = 0
    private var lastMovedAt: Instant
    private var silentPeer: TokenLevel

    init(now: Instant, remembered: RememberedLine? = nil, limits: Limits) {
        lastMovedAt = now
        silentPeer = TokenLevel(limits.lines.silentPeerBytes, now: now)
        guard let remembered else { return }
        sent = remembered.sent
        received = remembered.received + limits.lines.unrecordedBytes
        reported = received
    }

    /// Bytes sent and neither reported nor known to be lost; `nil` while the peer never reported.
    var inFlight: Int? { acknowledged.map { max(0, sent - $0 - lost) } }

    /// Whether `bytes` may be sent now. As in 2011 the check comes before the telex, which may overshoot by itself.
    mutating func admits(_ bytes: Int, now: Instant, limits: Limits) -> Bool {
        guard let inFlight else { return silentPeer.take(Double(bytes), of: limits.lines.silentPeerBytes, now: now) }
        return inFlight <= limits.lines.sendWindow
    }

    /// Whether something may be sent, as far as the peer's reports tell.
    func isOpen(limits: Limits) -> Bool {
        (inFlight ?? 0) <= limits.lines.sendWindow
    }

    func admitsProbe(limits: Limits) -> Bool {
        (inFlight ?? 0) <= limits.lines.probeWindow
    }

    func owesReport(limits: Limits) -> Bool {
        received - reported >= limits.lines.reportEvery
    }

    /// Whether a report or a keepalive may be sent. Both pass a closed window: two closed ones would stay so without
    /// reports, and a line that says nothing dies. But a peer that sends on and on, and reports nothing itself, does not
    /// get one for each of its telexes; it has to wait until ``recover(now:limits:)`` opens the window.
    func admitsReport(limits: Limits) -> Bool {
        (inFlight ?? 0) <= limits.reportWindow
    }

    /// Counts a telex with our current `_br`.
    mutating func didSend(_ bytes: Int, now: Instant, limits: Limits) {
        // Reports that pass a closed window don't show that it moves.
        if (inFlight ?? 0) <= limits.lines.sendWindow { lastMovedAt = now }
        sent += bytes
        reported = received
    }

    /// Counts a telex of the peer; `false` when it must be dropped because we owe a report. It counts even then.
    mutating func didReceive(_ bytes: Int, limits: Limits) -> Bool {
        received += bytes
        return received - reported <= limits.lines.receiveWindow
    }

    /// The peer reports what it accepted. Reports only go up: a late one says nothing new.
    mutating func didReport(_ bytes: Int, now: Instant, limits: Limits) {
        let believed = max(acknowledged ?? 0, min(bytes, sent + limits.lines.reportExcess))
        if believed != acknowledged { lastMovedAt = now }
        // A peer without reports gets a little now and then, for ever; what is more than a window of it is long gone.
        if acknowledged == nil { lost = max(lost, sent - believed - limits.lines.sendWindow) }
        acknowledged = believed
    }

    /// The line is proven. What went to its address before may have been asked by others in the peer's name: nobody waits
    /// until all of that is reported.
    mutating func didProve() {
        lost = max(0, sent - (acknowledged ?? 0))
    }

    /// The answer to a question told how many bytes never arrived.
    mutating func didLose(_ bytes: Int) {
        lost = max(0, bytes)
    }

    /// Whether the window is closed and did not move for a while: bytes may be lost, and a question would tell.
    func isStalled(now: Instant, limits: Limits) -> Bool {
        (inFlight ?? 0) > limits.lines.sendWindow && lastMovedAt.duration(to: now) >= limits.lines.stalledWindow
    }

    /// Opens a window that is closed and stuck. Returns whether it did.
    mutating func recover(now: Instant, limits: Limits) -> Bool {
        guard let inFlight, let acknowledged, inFlight > limits.lines.sendWindow,
            lastMovedAt.duration(to: now) >= limits.lines.stuckWindow
        else { return false }
        lost = sent - acknowledged
        lastMovedAt = now
        return true
    }
}

extension Limits {
    /// Unreported bytes up to which bare reports and keepalives are sent: a full window, and what it may be overshot by.
    var reportWindow: Int { max(self.lines.sendWindow, self.lines.probeWindow) + WireLimits.relayedBytes }

    /// Bytes that may be unreported on one line: the window is checked before a telex and not after it, so one more.
    var unacknowledgedBytes: Int { reportWindow + WireLimits.originatedBytes }
}
