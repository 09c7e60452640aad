import Testing

@testable import Telehash

@Suite("What rings and lines prove")
struct LineProofTests {
    private let limits = Limits.default
    private let start = Instant(nanoseconds: 0)

    private func later(_ duration: Duration) -> Instant { start.advanced(by: duration) }

    /// A line of which our ring is known to the test.
    private func dialled(ring: Int = 360) -> LineProof {
        var proof = LineProof(ringOut: ring)
        proof.ringWasSent(now: start)
        return proof
    }

    private func admit(
        _ proof: inout LineProof, ring: Int? = nil, line: Int? = nil, at moment: Duration = .milliseconds(10)
    ) -> LineProof.Verdict {
        var random = Seeded(seed: 3)
        return proof.admit(ring: ring, line: line, now: later(moment), limits: limits, using: &random)
    }

    @Test("the product proves a line whose peer's ring is known, and nothing else does")
    func product() {
        for (line, verdict) in [
            (77 * 360, LineProof.Verdict.proved), (77, .refused(.lineWrong)), (360, .refused(.lineWrong)),
            (360 * 360, .refused(.lineWrong)), (77 * 361, .refused(.lineWrong)), (735_134_400, .refused(.lineWrong)),
            (21_621_600, .refused(.lineWrong)), (1 << 30, .refused(.lineWrong)),
        ] {
            var proof = dialled()
            #expect(admit(&proof, ring: 77) == .bare)
            #expect(admit(&proof, line: line) == verdict, "\(line)")
            #expect(proof.isProven == (verdict == .proved))
        }
    }

    @Test("an exact quotient in 1…32768 proves a pending dial")
    func quotient() {
        for (quotient, proves) in [(1, true), (2, true), (32_768, true), (32_769, false), (40_000, false)] {
            var proof = dialled(ring: 1000)
            #expect(admit(&proof, line: 1000 * quotient) == (proves ? .proved : .refused(.lineWrong)))
        }
        var proof = dialled(ring: 1000)
        #expect(admit(&proof, line: 1001) == .refused(.lineWrong))
    }

    @Test("after the quotient only equality counts")
    func equalityAfterQuotient() {
        var proof = dialled(ring: 1000)
        #expect(admit(&proof, line: 5000) == .proved)
        #expect(admit(&proof, line: 5000) == .authentic)
        #expect(admit(&proof, line: 6000) == .refused(.lineWrong))
        #expect(proof.isProven)
    }

    @Test("a bare line is believed for 5 s after our ring was sent, and not a moment longer")
    func pendingEnds() {
        var inTime = dialled()
        #expect(admit(&inTime, line: 720, at: .seconds(5)) == .proved)
        var late = dialled()
        #expect(admit(&late, line: 720, at: .milliseconds(5001)) == .refused(.lineUnexpected))
        var unasked = LineProof(ringOut: 360)
        #expect(admit(&unasked, line: 720) == .refused(.lineUnexpected))
    }

    @Test("a pending dial survives two wrong answers, not three")
    func wrongAnswersWhilePending() {
        var twice = dialled()
        #expect(admit(&twice, line: 361) == .refused(.lineWrong))
        #expect(admit(&twice, line: 720) == .proved)
        var thrice = dialled()
        for wrong in [361, 362] { #expect(admit(&thrice, line: wrong) == .refused(.lineWrong)) }
        #expect(admit(&thrice, line: 720) == .refused(.lineUnexpected))
    }

    @Test("blind guesses against a line with a known ring: the composite favourites are as bad as any other")
    func adversarialLines() {
        // Highly composite numbers divide by most rings; with equality that is worth nothing.
        var successes = 0
        var random = Seeded(seed: 11)
        for guess in [735_134_400, 21_621_600, 1 << 30, 32_768, 1] {
            for _ in 0..<2_000 {
                var proof = LineProof(ringOut: LineProof.drawRing(using: &random))
                proof.ringWasSent(now: start)
                _ = admit(&proof, ring: Int.random(in: 1...32_768, using: &random))
                if admit(&proof, line: guess) == .proved { successes += 1 }
            }
        }
        #expect(successes <= 6, "10,000 guesses at 2 in 32768")
    }

    @Test("blind guesses against a pending dial succeed in less than 1 of 100")
    func adversarialPendingLines() {
        var successes = 0
        var random = Seeded(seed: 12)
        for _ in 0..<20_000 {
            var proof = LineProof(ringOut: LineProof.drawRing(using: &random))
            proof.ringWasSent(now: start)
            if admit(&proof, line: 735_134_400) == .proved { successes += 1 }
        }
        #expect(successes < 250, "\(successes) of 20,000")
    }

    @Test("a telex without line or ring is fine until the line is 10 s old")
    func bareTelexes() {
        var proof = dialled()
        #expect(admit(&proof) == .bare)
        _ = admit(&proof, line: 720)
        #expect(admit(&proof, at: .seconds(10)) == .bare)
        #expect(admit(&proof, at: .seconds(11)) == .refused(.lineMissing))
        var stranger = LineProof(ringOut: 5)
        #expect(admit(&stranger, at: .seconds(1000)) == .bare)
    }

    @Test("the right line with a wrong ring is refused")
    func rightLineWrongRing() {
        var proof = dialled()
        _ = admit(&proof, ring: 77)
        _ = admit(&proof, line: 77 * 360)
        #expect(admit(&proof, ring: 78, line: 77 * 360) == .refused(.ringWrong))
        #expect(admit(&proof, ring: 77, line: 77 * 360) == .authentic)
    }

    @Test("ring and product together prove a line that expects neither")
    func ringAndLine() {
        var proof = LineProof(ringOut: 360)
        #expect(admit(&proof, ring: 77, line: 77 * 360) == .proved)
        var wrong = LineProof(ringOut: 360)
        #expect(admit(&wrong, ring: 77, line: 78 * 360) == .refused(.lineWrong))
    }

    @Test("the first ring of an unproven peer holds for 5 s")
    func firstRingHolds() {
        var proof = dialled()
        _ = admit(&proof, ring: 77)
        #expect(admit(&proof, ring: 78) == .refused(.ringChanged))
        #expect(proof.line == 77 * 360)
        #expect(admit(&proof, ring: 78, at: .seconds(6)) == .bare)
        #expect(proof.line == 78 * 360)
    }
}

@Suite("A changed ring on a proven line")
struct LineChallengeTests {
    private let limits = Limits.default

    private func moment(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    private func provenLine(_ random: inout Seeded) -> LineProof {
        var proof = LineProof(ringOut: 360)
        _ = proof.admit(ring: 77, line: nil, now: moment(0), limits: limits, using: &random)
        _ = proof.admit(ring: nil, line: 77 * 360, now: moment(0), limits: limits, using: &random)
        return proof
    }

    @Test("it is challenged; the old line lives on until the challenge is met")
    func challenge() throws {
        var random = Seeded(seed: 5)
        var proof = provenLine(&random)
        #expect(proof.admit(ring: 99, line: nil, now: moment(20), limits: limits, using: &random) == .challenged)
        let old = proof.admit(ring: nil, line: 77 * 360, now: moment(20), limits: limits, using: &random)
        #expect(old == .authentic)
        let challenge = try #require(proof.challengeLine)
        let met = proof.admit(ring: nil, line: challenge, now: moment(20.1), limits: limits, using: &random)
        #expect(met == .restarted)
        let stale = proof.admit(ring: nil, line: 77 * 360, now: moment(20.2), limits: limits, using: &random)
        #expect(stale == .refused(.lineWrong))
        #expect(proof.line == challenge)
    }

    @Test("another ring within 10 s is refused; the same one may be repeated")
    func rate() {
        var random = Seeded(seed: 5)
        var proof = provenLine(&random)
        #expect(proof.admit(ring: 99, line: nil, now: moment(20), limits: limits, using: &random) == .challenged)
        let line = proof.challengeLine
        #expect(proof.admit(ring: 99, line: nil, now: moment(21), limits: limits, using: &random) == .challenged)
        #expect(proof.challengeLine == line)
        let other = proof.admit(ring: 98, line: nil, now: moment(25), limits: limits, using: &random)
        #expect(other == .refused(.ringChanged))
        #expect(proof.admit(ring: 98, line: nil, now: moment(31), limits: limits, using: &random) == .challenged)
    }

    @Test("a thousand forged rings and lines leave the line as it was")
    func forgedRings() {
        var random = Seeded(seed: 6)
        var proof = provenLine(&random)
        for step in 0..<1000 {
            let now = moment(20 + Double(step) * 0.05)
            let ring = Int.random(in: 1...32_768, using: &random)
            _ = proof.admit(ring: ring, line: nil, now: now, limits: limits, using: &random)
            let guess = Int.random(in: 1...(1 << 30), using: &random)
            _ = proof.admit(ring: nil, line: guess, now: now, limits: limits, using: &random)
        }
        let honest = proof.admit(ring: nil, line: 77 * 360, now: moment(80), limits: limits, using: &random)
        #expect(honest == .authentic)
    }
}

@Suite("Guessing lines")
struct WrongLinesTests {
    private let limits = Limits.default

    @Test("eight different wrong values in a minute lock the commands out")
    func lockOut() {
        var wrong = WrongLines()
        for guess in 1...7 { #expect(wrong.record(guess, now: .zero, limits: limits) == true) }
        #expect(!wrong.isLockedOut)
        #expect(wrong.record(8, now: .zero, limits: limits) == true)
        #expect(wrong.isLockedOut)
    }

    @Test("the same wrong value is one guess, and slow guesses are forgotten")
    func repeatsAndTime() {
        var wrong = WrongLines()
        for _ in 0..<100 { _ = wrong.record(5, now: .zero, limits: limits) }
        #expect(!wrong.isLockedOut)
        wrong = WrongLines()
        for step in 0..<50 {
            let now = Instant(nanoseconds: Int64(step) * 10_000_000_000)
            _ = wrong.record(1000 + step, now: now, limits: limits)
        }
        #expect(!wrong.isLockedOut, "six a minute are below eight")
    }
}
