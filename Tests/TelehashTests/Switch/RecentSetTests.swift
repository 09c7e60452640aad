import Testing

@testable import Telehash

@Suite("What was seen a short while ago")
struct RecentSetTests {
    private func moment(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    @Test("a fingerprint is remembered for exactly the span, counted from its first arrival")
    func span() {
        var set = RecentSet(span: .seconds(10), capacity: 100)
        #expect(set.insert(5, now: moment(0)) == true)
        #expect(set.insert(5, now: moment(9.999)) == false)
        #expect(set.contains(5, now: moment(9.999)) == true)
        #expect(set.insert(5, now: moment(10)) == true)
        #expect(set.insert(5, now: moment(19.9)) == false)
    }

    @Test("a full set forgets the oldest")
    func capacity() {
        var set = RecentSet(span: .seconds(10), capacity: 100)
        for digest in 0..<150 { #expect(set.insert(UInt64(digest), now: moment(1)) == true) }
        #expect(set.count == 100)
        let kept = [149, 50].map { set.contains($0, now: moment(1)) }
        #expect(kept == [true, true])
        #expect(set.contains(49, now: moment(1)) == false)
    }

    @Test("it agrees with a plain dictionary over a long and crowded life")
    func model() {
        var random = Seeded(seed: 31)
        var set = RecentSet(span: .milliseconds(700), capacity: 1 << 20)
        var model: [UInt64: Instant] = [:]
        for step in 0..<60_000 {
            let now = moment(Double(step) / 10_000)
            // Few distinct low bits, so that the runs in the table are long.
            let digest = UInt64.random(in: 0..<40, using: &random) << 32 | UInt64.random(in: 0..<64, using: &random)
            let isNew = model[digest].map { $0.duration(to: now) >= .milliseconds(700) } ?? true
            #expect(set.insert(digest, now: now) == isNew, "step \(step)")
            if isNew { model[digest] = now }
        }
    }
}
