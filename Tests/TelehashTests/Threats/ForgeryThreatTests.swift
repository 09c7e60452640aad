import MeshSimulator
import TelehashWire
import Testing

@testable import Telehash

/// Whoever forges senders and guesses lines: threats T2, T3, T4 and T26.
@Suite struct ForgeryThreatTests {
    private let limits = Limits.default

    // MARK: T2

    /// A tap that a forger installs would send everything to the address in whose name it came.
    @Test func tap_whenItsLineIsGuessed_isNeverInstalledAndItsVictimGetsThreeTimesItsBytesAtMost() {
        let count = ThreatScale.count(10_000, full: 10_000_000)
        let solo = Solo(at: Solo.endpoint("99.1.0.1:42424"))
        var random = SeededGenerator(seed: 2)
        var mesh = Mesh(seed: 2)
        let victims = mesh.freshEndpoints(200)
        var received: [Endpoint: Int] = [:]
        var sent: [Endpoint: Int] = [:]
        func forge(_ telex: Telex, _ victim: Endpoint) {
            let bytes = telex.encoded()
            received[victim, default: 0] += bytes.count
            for answer in solo.receive(bytes, from: victim) { sent[answer.to, default: 0] += answer.bytes.count }
        }
        for victim in victims { forge(Telex(ring: 5, signals: Signals(["+end": NodeID.tweets.hex])), victim) }
        let composites = [735_134_400, 21_621_600, 1 << 30, 720_720, 1]
        for number in 0..<count {
            let victim = victims[number % victims.count]
            let guess =
                switch number % 3 {
                case 0: 5 * Int.random(in: 1...WireLimits.largestRing, using: &random)
                case 1: composites[number / 3 % composites.count]
                default: Int.random(in: 1...WireLimits.largestLine, using: &random)
                }
            forge(Telex(line: guess, tap: [TapRule(has: ["+key"])]), victim)
            if number % 1_000 == 0 {
                solo.receive(Telex(signals: .message("\(number)")), from: Solo.endpoint("98.0.0.1:1"))
            }
        }
        let worst = victims.map { Double(sent[$0, default: 0]) / Double(received[$0, default: 1]) }.max() ?? 0
        ThreatScale.report(
            "T2 \(count) forged taps: \(solo.node.status(now: solo.now).tapsTheirs) installed,"
                + " at most \(worst) bytes for one")
        #expect(solo.node.status(now: solo.now).tapsTheirs == 0, "200 addresses with 8 guesses each at 1 in 32768")
        #expect(worst <= 3)
        #expect(solo.counter("lines_locked_out") == 200)
    }

    /// What the lock-out is worth: without it guesses get through at the rate of the 15 bits of a ring.
    @Test func guess_whenNothingLocksOut_passesAtTheRateOfARing() {
        let count = ThreatScale.count(500_000, full: 10_000_000)
        var lenient = limits
        lenient.lines.wrongLinesBeforeLockOut = .max
        var random = SeededGenerator(seed: 22)
        var installed = 0
        var proof = ringing(&random)
        for number in 0..<count {
            let guess = 77 * Int.random(in: 1...WireLimits.largestRing, using: &random)
            let now = Instant(nanoseconds: Int64(number) * 1_000)
            if proof.admit(ring: nil, line: guess, now: now, limits: lenient, using: &random).isAuthentic {
                installed += 1
                proof = ringing(&random)
            }
        }
        let rate = Double(installed) / Double(count)
        ThreatScale.report("T2 without the lock-out: \(installed) of \(count) guesses pass")
        #expect(rate > 0.5 / 32_768 && rate < 1.6 / 32_768)
    }

    private func ringing(_ random: inout SeededGenerator) -> LineProof {
        var proof = LineProof(ringOut: LineProof.drawRing(using: &random))
        _ = proof.admit(ring: 77, line: nil, now: .zero, limits: limits, using: &random)
        return proof
    }

    // MARK: T3

    /// `_br` as texts that peers could send, through the codec into the window.
    @Test func reports_whateverTheySay_letNoMoreOutThanTheWindowAndOneTelex() {
        let sequences = ThreatScale.count(4_000, full: 1_000_000)
        var random = SeededGenerator(seed: 3)
        let odd = ["0", "-1", "-10000", "9223372036854775808", "1e308", "0.5", "true", "null", "\"7\"", "99999999999"]
        var worst = 0
        for sequence in 0..<sequences {
            var window = LineWindow(now: .zero, limits: limits)
            window.didReport(0, now: .zero, limits: limits)
            for _ in 0..<8 {
                let text =
                    random.happens(0.4)
                    ? odd[Int.random(in: 0..<odd.count, using: &random)]
                    : "\(Int.random(in: 0...window.sent * 2 + 1, using: &random))"
                if let br = try? Telex.decode(Array("{\"_br\":\(text)}".utf8)).br {
                    window.didReport(br, now: .zero, limits: limits)
                }
                var telexes = 0
                while window.admits(1400, now: .zero, limits: limits) {
                    window.didSend(1400, now: .zero, limits: limits)
                    telexes += 1
                    // What is beyond the highest report that can be true.
                    worst = max(worst, window.sent - min(window.acknowledged ?? 0, window.sent))
                    guard telexes < 200 else {
                        Issue.record("sequence \(sequence): the window does not close")
                        return
                    }
                }
            }
        }
        ThreatScale.report("T3 \(sequences) sequences: \(worst) bytes unreported at most")
        #expect(worst <= limits.lines.sendWindow + 1400)
    }

    // MARK: T4

    @Test func guess_onALineWithAKnownRing_passesOnceIn16384AtMost() {
        let lines = ThreatScale.count(12_500, full: 125_000)
        var random = SeededGenerator(seed: 4)
        var passed = 0
        var letThrough = 0
        for _ in 0..<lines {
            var proof = ringing(&random)
            for _ in 0..<20 {
                let isHeard = !proof.wrongLines.isLockedOut
                letThrough += isHeard ? 1 : 0
                let guess = 77 * Int.random(in: 1...WireLimits.largestRing, using: &random)
                let verdict = proof.admit(ring: nil, line: guess, now: .zero, limits: limits, using: &random)
                if isHeard, verdict.isAuthentic {
                    passed += 1
                    break
                }
                #expect(isHeard || !verdict.isAuthentic, "nothing passes a lock-out")
            }
        }
        ThreatScale.report("T4 \(letThrough) guesses let through on ringing lines: \(passed) passed")
        #expect(letThrough <= lines * limits.lines.wrongLinesBeforeLockOut)
        #expect(Double(passed) <= max(3, Double(letThrough) * 2 / 32_768))
    }

    @Test func guess_onAPendingDial_passesOnceInAHundredAtMostAndTwiceIsEnough() {
        let dials = ThreatScale.count(50_000, full: 500_000)
        var random = SeededGenerator(seed: 44)
        var passed = 0
        var letThrough = 0
        for _ in 0..<dials {
            var proof = LineProof(ringOut: LineProof.drawRing(using: &random))
            proof.ringWasSent(now: .zero)
            for guess in [735_134_400, 551_350_800, 698_377_680, 720_720] {
                let verdict = proof.admit(ring: nil, line: guess, now: .zero, limits: limits, using: &random)
                if verdict != .refused(.lineUnexpected) { letThrough += 1 }
                if verdict.isAuthentic {
                    passed += 1
                    break
                }
            }
        }
        ThreatScale.report("T4 \(letThrough) guesses let through on pending dials: \(passed) passed")
        #expect(letThrough <= dials * limits.lines.wrongAnswersWhilePending)
        #expect(Double(passed) <= 0.01 * Double(letThrough))
    }

    /// From one address or from a thousand: the peer's own telexes are not disturbed.
    @Test(arguments: [1, 1_000])
    func provenLine_whenItIsGuessedAt_hearsItsPeer(_ addresses: Int) {
        let guesses = ThreatScale.count(100_000, full: 1_000_000)
        var random = SeededGenerator(seed: 45)
        var proofs = (0..<addresses).map { _ in ringing(&random) }
        for index in proofs.indices {
            let line = proofs[index].line ?? 0
            _ = proofs[index].admit(ring: nil, line: line, now: .zero, limits: limits, using: &random)
        }
        var heard = 0
        var asked = 0
        var commands = 0
        for number in 0..<guesses {
            let index = number % addresses
            let now = Instant(nanoseconds: Int64(number) * 60_000_000_000 / Int64(guesses))
            let line = proofs[index].line ?? 0
            let guess = 77 * Int.random(in: 1...WireLimits.largestRing, using: &random)
            let mayCommand = proofs[index].honoursCommands
            let verdict = proofs[index].admit(ring: nil, line: guess, now: now, limits: limits, using: &random)
            if guess != line, mayCommand, verdict.isAuthentic { commands += 1 }
            guard number % 10 == 0 else { continue }
            asked += 1
            if proofs[index].admit(ring: nil, line: line, now: now, limits: limits, using: &random) == .authentic {
                heard += 1
            }
        }
        ThreatScale.report("T4 \(guesses) guesses at \(addresses) lines: \(heard) of \(asked) genuine telexes pass")
        #expect(heard == asked)
        #expect(commands == 0)
        #expect(proofs.allSatisfy { !$0.honoursCommands }, "all are locked out")
    }

    // MARK: T26

    /// Some networks send every datagram back to its sender.
    @Test func echo_isNoPeer() {
        let count = ThreatScale.count(2_000, full: 10_000)
        var limits = limits
        limits.routing.dials.perSecond = 1_000
        let solo = Solo(at: nil, limits: limits)
        var mesh = Mesh(seed: 26)
        let named = mesh.freshEndpoints(count)
        let friend = Solo.endpoint("77.1.2.3:42424")
        let line = solo.prove(friend)
        let before = solo.node.status(now: solo.now)
        var echoes = 0
        func echo(_ sent: [Solo.Sent]) {
            for telex in sent where telex.to != friend {
                echoes += 1
                #expect(solo.receive(telex.bytes, from: telex.to).to(telex.to).isEmpty, "an echo is not answered")
            }
        }
        for start in stride(from: 0, to: count, by: 8) {
            echo(solo.receive(Telex(line: line, br: 0, see: Array(named[start..<min(start + 8, count)])), from: friend))
            echo(solo.advance(by: .milliseconds(50)))
        }
        let after = solo.node.status(now: solo.now)
        ThreatScale.report("T26 \(echoes) telexes echoed: \(after.proven - before.proven) lines")
        #expect(echoes > 200)
        #expect(after.proven == 1)
        #expect(after.switches == before.switches)
        #expect(after.buckets.map(\.switches) == before.buckets.map(\.switches))
        #expect(solo.counter("echo") > 100)
    }
}
