/// Tells from `_br` whether what was sent over a line arrived.
///
/// The answer to a question says how many bytes the peer had accepted when the question reached it. If that is as far
/// behind what we had sent by then as it was at the question before, nothing in between was lost. So a question after
/// a copy of signals proves the copy's arrival, without a word that 2011 would not understand. And if some bytes are
/// missing, but fewer than a copy has, that copy still arrived.
struct DeliveryLog: Sendable {
    /// A copy of signals whose arrival is not known yet.
    struct HandOver: Sendable {
        let publication: PublicationHandle
        /// Bytes sent on the line when the copy had gone out.
        let mark: Int
        let size: Int
    }

    /// What an answer, or its absence, says about copies. They are no longer waited for.
    struct Verdict: Sendable {
        var arrived: [HandOver] = []
        /// Lost, or nobody will ever know.
        var doubtful: [HandOver] = []
        /// Bytes that were sent and not accepted; `nil` when that could not be told.
        var deficit: Int?
    }

    private(set) var questions: [(mark: Int, at: Instant)] = []
    private(set) var waiting: [HandOver] = []
    /// Copies that were missing at the last answer, and how many bytes were: they may only have been overtaken.
    private var doubted: (copies: [HandOver], missing: Int) = ([], 0)
    /// Bytes that were sent and not accepted, as of the last answer; `nil` before the first.
    @Packed private(set) var deficit: Int? = nil
    @Packed private(set) var lastProbeAt: Instant? = nil
    @Packed private var roundTripNanoseconds: Int? = nil
    /// When we last gave up on a question: answers to those asked before may belong to it.
    @Packed private var gaveUpAt: Instant? = nil

    /// The shortest time in which an answer came; no answer can come sooner.
    private(set) var roundTrip: Duration? {
        get { roundTripNanoseconds.map { .nanoseconds($0) } }
        set { roundTripNanoseconds = newValue.map { Int($0.wholeNanoseconds) } }
    }

    var hasWaiting: Bool { !waiting.isEmpty || !doubted.copies.isEmpty }

    /// When another probe makes sense although one is out: it, or its answer, must be lost by then.
    func repeatsProbe(limits: Limits) -> Instant? {
        questions.last.map { newest in
            let patience = roundTrip.map { max(limits.lines.probeRepeat, $0 * 2) } ?? limits.lines.repeatAfter
            return newest.at.advanced(by: patience)
        }
    }

    /// Whether the newest copy still has no question behind it, or the last answer left a doubt.
    var wantsProbe: Bool {
        if !doubted.copies.isEmpty, questions.isEmpty { return true }
        guard let newest = waiting.last else { return false }
        return (questions.last?.mark ?? .min) < newest.mark
    }

    /// A question went out; `mark` is what had been sent with it.
    mutating func didAsk(mark: Int, isProbe: Bool, now: Instant, limits: Limits) {
        if isProbe { lastProbeAt = now }
        if questions.count >= limits.lines.questionsPerLine { questions.removeFirst() }
        questions.append((mark, now))
    }

    /// A copy went out. `false` when too many are open on the line to follow this one.
    mutating func didHandOver(_ handOver: HandOver, limits: Limits) -> Bool {
        guard waiting.count < limits.lines.handOversPerLine else { return false }
        waiting.append(handOver)
        return true
    }

    /// An answer came that reports `accepted` bytes; `sent` is what we have sent by now.
    ///
    /// Bytes that are missing at one answer may only have been overtaken by the question; when they are still missing
    /// at the next, they are lost.
    ///
    /// Answers don't say which question they belong to. It is one that the peer can have received and answered by now;
    /// which of those doesn't matter to a copy that is larger than all that can be missing.
    mutating func didAnswer(accepted: Int, sent: Int, now: Instant) -> Verdict {
        guard let first = questions.first else { return Verdict() }
        if questions.count == 1, gaveUpAt.map({ $0 < first.at }) ?? true {
            let took = first.at.duration(to: now)
            roundTrip = min(roundTrip ?? took, took)
        }
        guard let deficit else {
            questions.removeFirst()
            return giveUp(upTo: first.mark, missing: first.mark - accepted)
        }
        forgetUnanswered(now: now)
        let least = deficit - doubted.missing
        let answerable = answerable(accepted: accepted, least: least, now: now)
        guard let last = answerable.last else { return Verdict() }
        guard let nearest = answerable.firstIndex(where: { $0.mark - accepted >= least }) else {
            // More arrived than was sent up to the last question: something was duplicated, or the last verdict was
            // too dark. The count is right again from here on, but says nothing about what came before.
            guard sent == last.mark else { return Verdict() }
            questions.removeFirst(answerable.count)
            return giveUp(upTo: last.mark, missing: last.mark - accepted)
        }
        let mark = questions[nearest].mark
        let missing = last.mark - accepted - deficit
        let isCertain = nearest == answerable.count - 1
        questions.removeFirst(nearest + 1)
        // Lines are many, and on most of them nothing more is asked.
        if questions.isEmpty { questions = [] }
        let judged = judge(upTo: mark, missing: max(0, missing))
        guard isCertain else {
            waiting.insert(contentsOf: judged.open, at: 0)
            return Verdict(arrived: judged.arrived)
        }
        self.deficit = mark - accepted
        var verdict = judgeDoubted(arrivedLate: max(0, -missing))
        verdict.arrived += judged.arrived
        verdict.deficit = mark - accepted
        doubted = (judged.open, max(0, missing))
        return verdict
    }

    /// The questions that may have been answered by what came now: those for which the shortest round trip leaves time.
    ///
    /// An answer that counts bytes sent after all of these is for a later question, so round trips can be shorter than
    /// we thought: the first one may have met a peer that was just starting.
    private mutating func answerable(accepted: Int, least: Int, now: Instant) -> ArraySlice<(mark: Int, at: Instant)> {
        // Clocks tick in steps, so a tenth less than the shortest time is still possible.
        let inTime = questions.prefix { $0.at.duration(to: now) >= (roundTrip ?? .zero) * 0.9 }
        guard !inTime.contains(where: { $0.mark - accepted >= least }),
            let early = questions.firstIndex(where: { $0.mark - accepted >= least })
        else { return inTime }
        roundTrip = questions[early].at.duration(to: now)
        return questions[...early]
    }

    /// Answers come in about the order of their questions. One that has been out for twice the usual time, with newer
    /// ones behind it, will not be answered any more.
    private mutating func forgetUnanswered(now: Instant) {
        let patience = (roundTrip ?? .zero) * 2 + DeliveryLog.jitter
        while questions.count > 1, let first = questions.first, first.at.duration(to: now) > patience,
            questions[1].at.duration(to: now) >= (roundTrip ?? .zero) * 0.9
        {
            questions.removeFirst()
            gaveUpAt = now
        }
    }

    /// By how much an answer may be later than twice the shortest round trip.
    private static let jitter = Duration.milliseconds(100)

    /// Gives up on questions that are older than the time for a repeat; what they should have proven is unknown.
    mutating func expire(now: Instant, limits: Limits) -> Verdict {
        var mark: Int?
        while let first = questions.first, first.at.duration(to: now) >= limits.lines.repeatAfter {
            questions.removeFirst()
            gaveUpAt = now
            mark = first.mark
        }
        guard let mark else { return Verdict() }
        return giveUp(upTo: mark)
    }

    /// The line began anew: nothing that is open will ever be answered. Returns what was waiting.
    mutating func reset() -> [HandOver] {
        defer { self = DeliveryLog() }
        return doubted.copies + waiting
    }
}

extension DeliveryLog {
    /// Takes out the copies that went out up to `mark`: those that arrived when at most `missing` bytes did not, and
    /// those of which that is not certain.
    private mutating func judge(upTo mark: Int, missing: Int) -> (arrived: [HandOver], open: [HandOver]) {
        let judged = takeWaiting(upTo: mark)
        return (judged.filter { $0.size > missing }, judged.filter { $0.size <= missing })
    }

    /// Decides about the copies that were missing at the answer before, when so many bytes came in late since.
    private mutating func judgeDoubted(arrivedLate: Int) -> Verdict {
        let missing = doubted.missing - arrivedLate
        let copies = doubted.copies
        doubted = ([], 0)
        return Verdict(arrived: copies.filter { $0.size > missing }, doubtful: copies.filter { $0.size <= missing })
    }

    /// The bytes are counted anew, which says nothing about the copies that went out up to `mark`.
    private mutating func giveUp(upTo mark: Int, missing: Int) -> Verdict {
        deficit = missing
        var verdict = giveUp(upTo: mark)
        verdict.deficit = missing
        return verdict
    }

    /// Nothing will be known any more about the copies that went out up to `mark`.
    private mutating func giveUp(upTo mark: Int) -> Verdict {
        defer { doubted = ([], 0) }
        return Verdict(doubtful: doubted.copies + takeWaiting(upTo: mark))
    }

    private mutating func takeWaiting(upTo mark: Int) -> [HandOver] {
        let count = waiting.firstIndex { $0.mark > mark } ?? waiting.count
        defer { waiting.removeFirst(count) }
        return Array(waiting[..<count])
    }
}
