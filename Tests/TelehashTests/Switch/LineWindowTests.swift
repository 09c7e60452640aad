import Testing

@testable import Telehash

@Suite("The windows of a line")
struct LineWindowTests {
    private let limits = Limits.default

    private func moment(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    private func window() -> LineWindow { LineWindow(now: .zero, limits: limits) }

    @Test("it closes above 10,000 unreported bytes and opens with a report")
    func closesAndOpens() {
        var window = window()
        window.didReport(0, now: .zero, limits: limits)
        window.didSend(10_000, now: .zero, limits: limits)
        #expect(window.admits(400, now: .zero, limits: limits) == true, "10,000 are allowed, as in 2011")
        window.didSend(400, now: .zero, limits: limits)
        #expect(window.admits(1, now: .zero, limits: limits) == false)
        window.didReport(400, now: .zero, limits: limits)
        #expect(window.admits(1, now: .zero, limits: limits) == true)
    }

    @Test("a first report after a long silence leaves no more than a window to wait for")
    func firstReportComesLate() {
        var window = window()
        window.didSend(50_000, now: .zero, limits: limits)
        window.didReport(400, now: .zero, limits: limits)
        #expect(window.inFlight == limits.lines.sendWindow)
        window.didReport(500, now: .zero, limits: limits)
        #expect(window.inFlight == limits.lines.sendWindow - 100, "later reports count as always")
        // What is less than a window may well be under way.
        var fresh = self.window()
        fresh.didSend(300, now: .zero, limits: limits)
        fresh.didReport(100, now: .zero, limits: limits)
        #expect(fresh.inFlight == 200)
    }

    @Test("a peer that never reports is held by a rate instead")
    func silentPeer() {
        var window = window()
        var sent = 0
        while window.admits(1000, now: .zero, limits: limits) {
            window.didSend(1000, now: .zero, limits: limits)
            sent += 1000
            if sent > 10_000_000 { break }
        }
        #expect(sent == Int(limits.lines.silentPeerBytes.burst))
        #expect(window.admits(1000, now: moment(1), limits: limits) == true)
    }

    @Test("no sequence of reports lets more than 10 kB and 64 kB of excess out")
    func hostileReports() {
        var random = Seeded(seed: 4)
        for round in 0..<200 {
            var window = window()
            window.didReport(0, now: .zero, limits: limits)
            var sent = 0
            for _ in 0..<500 {
                let report = [0, 1, sent, sent + 1, 1 << 53, Int.random(in: 0...200_000, using: &random)].randomElement(
                    using: &random)
                window.didReport(report ?? 0, now: .zero, limits: limits)
                while window.admits(1400, now: .zero, limits: limits), sent < 10_000_000 {
                    window.didSend(1400, now: .zero, limits: limits)
                    sent += 1400
                    #expect((window.inFlight ?? 0) <= limits.lines.sendWindow + 1400, "round \(round)")
                    if (window.acknowledged ?? 0) > window.sent + limits.lines.reportExcess {
                        Issue.record("believed too much")
                    }
                }
                if sent >= 10_000_000 { break }
            }
        }
        var believed = window()
        believed.didSend(100, now: .zero, limits: limits)
        believed.didReport(999_999_999, now: .zero, limits: limits)
        #expect(believed.acknowledged == 100 + limits.lines.reportExcess)
    }

    @Test("reports only go up")
    func monotone() {
        var window = window()
        window.didSend(5000, now: .zero, limits: limits)
        window.didReport(4000, now: .zero, limits: limits)
        window.didReport(10, now: .zero, limits: limits)
        #expect(window.inFlight == 1000)
    }

    @Test("bytes that are known to be lost leave the window")
    func forgivesLoss() {
        var window = window()
        window.didReport(0, now: .zero, limits: limits)
        window.didSend(12_000, now: .zero, limits: limits)
        #expect(!window.isStalled(now: moment(0.2), limits: limits))
        #expect(window.isStalled(now: moment(0.25), limits: limits))
        window.didLose(3_000)
        #expect(window.inFlight == 9_000)
        #expect(!window.isStalled(now: moment(9), limits: limits))
    }

    @Test("a stuck window opens after three quiet seconds, and only then")
    func recovers() {
        var window = window()
        window.didReport(0, now: .zero, limits: limits)
        window.didSend(10_400, now: moment(1), limits: limits)
        #expect(window.recover(now: moment(3.9), limits: limits) == false)
        #expect(window.recover(now: moment(4), limits: limits) == true)
        #expect(window.admits(1, now: moment(4), limits: limits) == true)
        #expect(window.recover(now: moment(10), limits: limits) == false, "it is open")
    }

    @Test("the receive window counts dropped bytes, and a report of ours opens it")
    func receiveWindow() {
        var window = window()
        #expect(window.didReceive(12_000, limits: limits) == true)
        #expect(window.didReceive(1, limits: limits) == false)
        #expect(window.owesReport(limits: limits))
        window.didSend(60, now: .zero, limits: limits)
        #expect(window.reported == 12_001)
        #expect(window.didReceive(12_000, limits: limits) == true)
    }

    @Test("reports to a peer that reports nothing itself come to an end, and go on when it does")
    func reportsPastAClosedWindow() {
        var window = window()
        window.didReport(0, now: .zero, limits: limits)
        var reports = 0
        for _ in 0..<10_000 {
            _ = window.didReceive(limits.lines.reportEvery, limits: limits)
            #expect(window.owesReport(limits: limits))
            guard window.admitsReport(limits: limits) else { break }
            window.didSend(60, now: .zero, limits: limits)
            reports += 1
        }
        #expect(reports > 100)
        #expect((window.inFlight ?? 0) <= limits.unacknowledgedBytes, "\(reports) reports")
        #expect(!window.admitsReport(limits: limits))
        window.didReport(5_000, now: .zero, limits: limits)
        #expect(window.admitsReport(limits: limits))
    }
}
