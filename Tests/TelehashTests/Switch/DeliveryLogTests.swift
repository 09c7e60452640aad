import Testing

@testable import Telehash

@Suite("Proof of delivery by bytes")
struct DeliveryLogTests {
    private let limits = Limits.default

    private func moment(_ milliseconds: Int) -> Instant { Instant(nanoseconds: Int64(milliseconds) * 1_000_000) }

    private func copy(_ number: Int, at mark: Int, size: Int = 400) -> DeliveryLog.HandOver {
        DeliveryLog.HandOver(publication: PublicationHandle(number: UInt64(number)), mark: mark, size: size)
    }

    /// A log whose first question, with 100 bytes sent, was answered after 40 ms as a peer does that missed `missing`
    /// bytes.
    private func calibrated(missing: Int = 0) -> DeliveryLog {
        var log = DeliveryLog()
        log.didAsk(mark: 100, isProbe: false, now: moment(-40), limits: limits)
        _ = log.didAnswer(accepted: 100 - missing, sent: 100, now: moment(0))
        return log
    }

    private func numbers(_ copies: [DeliveryLog.HandOver]) -> [Int] { copies.map { Int($0.publication.number) } }

    @Test("a deficit that did not grow proves everything up to the question", arguments: [0, 60])
    func arrived(_ missing: Int) {
        var log = calibrated(missing: missing)
        _ = log.didHandOver(copy(1, at: 500), limits: limits)
        #expect(log.wantsProbe)
        log.didAsk(mark: 610, isProbe: true, now: moment(0), limits: limits)
        #expect(!log.wantsProbe)
        let verdict = log.didAnswer(accepted: 610 - missing, sent: 610, now: moment(40))
        #expect(numbers(verdict.arrived) == [1] && verdict.doubtful.isEmpty)
        #expect(!log.hasWaiting && log.questions.isEmpty)
    }

    @Test("a copy that is missing at two answers is lost, and the next one counts from there")
    func lost() {
        var log = calibrated()
        _ = log.didHandOver(copy(1, at: 500), limits: limits)
        log.didAsk(mark: 610, isProbe: true, now: moment(0), limits: limits)
        let first = log.didAnswer(accepted: 210, sent: 610, now: moment(40))
        #expect(first.arrived.isEmpty && first.doubtful.isEmpty)
        #expect(log.wantsProbe && log.hasWaiting)
        log.didAsk(mark: 720, isProbe: true, now: moment(40), limits: limits)
        let second = log.didAnswer(accepted: 320, sent: 720, now: moment(80))
        #expect(numbers(second.doubtful) == [1] && second.arrived.isEmpty)
        #expect(log.deficit == 400)
        _ = log.didHandOver(copy(1, at: 1120), limits: limits)
        log.didAsk(mark: 1220, isProbe: true, now: moment(80), limits: limits)
        let third = log.didAnswer(accepted: 820, sent: 1220, now: moment(120))
        #expect(numbers(third.arrived) == [1])
    }

    @Test("a copy that was overtaken by its question is not taken for lost")
    func overtaken() {
        var log = calibrated()
        _ = log.didHandOver(copy(1, at: 500), limits: limits)
        log.didAsk(mark: 610, isProbe: true, now: moment(0), limits: limits)
        _ = log.didAnswer(accepted: 210, sent: 610, now: moment(40))
        log.didAsk(mark: 720, isProbe: true, now: moment(40), limits: limits)
        let verdict = log.didAnswer(accepted: 720, sent: 720, now: moment(80))
        #expect(numbers(verdict.arrived) == [1] && verdict.doubtful.isEmpty)
        #expect(log.deficit == 0)
    }

    @Test("what is larger than all that is missing arrived all the same")
    func smallLoss() {
        var log = calibrated()
        _ = log.didHandOver(copy(1, at: 500, size: 400), limits: limits)
        _ = log.didHandOver(copy(2, at: 600, size: 100), limits: limits)
        log.didAsk(mark: 710, isProbe: true, now: moment(0), limits: limits)
        let verdict = log.didAnswer(accepted: 610, sent: 710, now: moment(40))
        #expect(numbers(verdict.arrived) == [1] && verdict.doubtful.isEmpty)
        log.didAsk(mark: 820, isProbe: true, now: moment(40), limits: limits)
        let second = log.didAnswer(accepted: 720, sent: 820, now: moment(80))
        #expect(numbers(second.doubtful) == [2])
    }

    @Test("copies after the question are not proven by its answer")
    func later() {
        var log = calibrated()
        _ = log.didHandOver(copy(1, at: 500), limits: limits)
        log.didAsk(mark: 610, isProbe: true, now: moment(0), limits: limits)
        _ = log.didHandOver(copy(2, at: 1010), limits: limits)
        let verdict = log.didAnswer(accepted: 610, sent: 1010, now: moment(40))
        #expect(numbers(verdict.arrived) == [1])
        #expect(log.wantsProbe)
    }

    @Test("before the first answer nothing can be known")
    func uncalibrated() {
        var log = DeliveryLog()
        _ = log.didHandOver(copy(1, at: 500), limits: limits)
        log.didAsk(mark: 610, isProbe: true, now: moment(0), limits: limits)
        let verdict = log.didAnswer(accepted: 610, sent: 610, now: moment(40))
        #expect(numbers(verdict.doubtful) == [1])
    }

    @Test("an unanswered question is given up after 2 s")
    func expires() {
        var log = calibrated()
        _ = log.didHandOver(copy(1, at: 500), limits: limits)
        log.didAsk(mark: 610, isProbe: true, now: moment(0), limits: limits)
        let early = log.expire(now: moment(1999), limits: limits)
        #expect(early.doubtful.isEmpty)
        let verdict = log.expire(now: moment(2000), limits: limits)
        #expect(numbers(verdict.doubtful) == [1])
        #expect(log.questions.isEmpty)
    }

    @Test("a lost answer is made up for by the next one")
    func lostAnswer() {
        var log = calibrated()
        _ = log.didHandOver(copy(1, at: 500), limits: limits)
        log.didAsk(mark: 610, isProbe: true, now: moment(0), limits: limits)
        log.didAsk(mark: 720, isProbe: true, now: moment(300), limits: limits)
        let verdict = log.didAnswer(accepted: 720, sent: 720, now: moment(340))
        #expect(numbers(verdict.arrived) == [1])
        #expect(log.questions.isEmpty)
    }

    @Test("answers that come sooner than the first one did still count")
    func quicker() {
        var log = calibrated()
        log.didAsk(mark: 210, isProbe: false, now: moment(100), limits: limits)
        _ = log.didHandOver(copy(1, at: 610), limits: limits)
        log.didAsk(mark: 720, isProbe: true, now: moment(100), limits: limits)
        let first = log.didAnswer(accepted: 210, sent: 720, now: moment(101))
        #expect(first.arrived.isEmpty && first.doubtful.isEmpty)
        #expect(log.roundTrip == .milliseconds(1))
        let second = log.didAnswer(accepted: 720, sent: 720, now: moment(102))
        #expect(numbers(second.arrived) == [1])
        #expect(!log.hasWaiting && log.questions.isEmpty)
    }

    @Test("on a line that loses one in ten each way, what is called arrived did arrive", arguments: [1, 40, 350])
    func neverFalse(_ delay: Int) {
        var random = Seeded(seed: 51)
        func isLost() -> Bool { Int.random(in: 0..<10, using: &random) == 0 }
        var wrong = 0
        var arrived = 0
        var copies = 0
        for _ in 0..<60 {
            var log = DeliveryLog()
            var sent = 0
            var accepted = 0
            var truth: Set<Int> = []
            var answers: [(at: Int, accepted: Int)] = []
            for time in stride(from: 0, to: 20_000, by: 10) {
                if time % 100 == 0, time > 1000 {
                    let size = Int.random(in: 350...450, using: &random)
                    sent += size
                    copies += 1
                    if !isLost() {
                        accepted += size
                        truth.insert(time)
                    }
                    _ = log.didHandOver(copy(time, at: sent, size: size), limits: limits)
                }
                let again = log.repeatsProbe(limits: limits)
                if again.map({ $0 <= moment(time) && log.hasWaiting }) ?? (log.wantsProbe || log.deficit == nil) {
                    sent += 110
                    if !isLost() {
                        accepted += 110
                        if !isLost() { answers.append((time + delay, accepted)) }
                    }
                    log.didAsk(mark: sent, isProbe: true, now: moment(time), limits: limits)
                }
                while let answer = answers.first, answer.at <= time {
                    answers.removeFirst()
                    let verdict = log.didAnswer(accepted: answer.accepted, sent: sent, now: moment(time))
                    arrived += verdict.arrived.count
                    wrong += numbers(verdict.arrived).count { !truth.contains($0) }
                }
                _ = log.expire(now: moment(time), limits: limits)
            }
        }
        #expect(wrong * 400 <= arrived, "\(wrong) of \(arrived) were lost")
        #expect(arrived * 10 > copies * 3, "\(arrived) of \(copies) proven, without any repeat")
    }
}
