import TelehashWire
import Testing

@testable import Telehash

/// What lines are kept in.
@Suite struct LineTableTests {
    private func endpoint(_ number: Int) -> Endpoint { .spread(number) }

    /// A table that is grown and cut at random says the same as a dictionary.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func lines_openedAndClosedAtRandom_areFoundByAddressAndByHandle(_ seed: UInt64) {
        var random = Seeded(seed: seed)
        var table = LineTable()
        var expected: [Endpoint: LineTable.Handle] = [:]
        var gone: [LineTable.Handle] = []
        for step in 0..<4_000 {
            // It grows at first, and shrinks in the end.
            let opens = Int.random(in: 0..<4_000, using: &random) > step
            let endpoint = endpoint(Int.random(in: 0..<400, using: &random))
            if opens, expected[endpoint] == nil {
                let slot = table.open(endpoint, ringOut: 5, isSeed: false, now: .zero, limits: .default)
                if Bool.random(using: &random) { table.promote(slot) }
                expected[endpoint] = table.handle(slot)
            } else if !opens, let victim = expected.keys.sorted(by: { $0.fingerprint < $1.fingerprint }).first {
                guard let slot = table.slot(of: victim), let handle = expected.removeValue(forKey: victim) else {
                    Issue.record("seed \(seed), step \(step): \(victim) is not found")
                    return
                }
                table.close(slot)
                table.trim()
                gone.append(handle)
            }
            guard step.isMultiple(of: 50) else { continue }
            for number in 0..<400 {
                let handle = table.slot(of: self.endpoint(number)).map { table.handle($0) }
                #expect(handle == expected[self.endpoint(number)], "seed \(seed), step \(step)")
            }
            #expect(gone.allSatisfy { table.slot(of: $0) == nil }, "seed \(seed), step \(step)")
            #expect(table.proven.count + table.ringing.count == expected.count, "seed \(seed), step \(step)")
            #expect(table.proven.allSatisfy { table.slots[$0.slot].isOpen && $0.id == table.slots[$0.slot].id })
        }
    }

    /// There is a line for each peer, so its size is most of what a switch takes.
    @Test func line_isSmall() {
        #expect(MemoryLayout<Line>.stride <= 432)
        #expect(MemoryLayout<LineTable.Peer>.stride <= 48)
        #expect(MemoryLayout<Limits>.size == 8)
    }

    @Test func looks_comeInTheOrderOfTheirTime() {
        var random = Seeded(seed: 4)
        var queue = LookQueue()
        let times = (0..<500).map { _ in Instant(nanoseconds: Int64.random(in: 0..<1_000, using: &random)) }
        for (slot, at) in times.enumerated() {
            queue.insert(LookQueue.Entry(line: LineTable.Handle(slot: slot, generation: 1), at: at))
        }
        var due: [LookQueue.Entry] = []
        for now in stride(from: 0, through: 1_000, by: 100) {
            while let entry = queue.popDue(now: Instant(nanoseconds: Int64(now))) {
                #expect(entry.at <= Instant(nanoseconds: Int64(now)))
                due.append(entry)
            }
            #expect(queue.first.map { $0.at > Instant(nanoseconds: Int64(now)) } ?? true)
        }
        #expect(due.map(\.at) == times.sorted())
        #expect(Set(due.map(\.line.slot)).count == times.count)
        #expect(queue.count == 0)
    }

    @Test func packed_keepsWhatItIsGiven_andNothing() {
        @Packed var moment: Instant? = nil
        #expect(moment == nil)
        for value in [Instant.zero, .distantFuture, Instant(nanoseconds: -1)] {
            moment = value
            #expect(moment == value)
        }
        moment = nil
        #expect(moment == nil)
    }

    @Test func limits_changedInACopy_stayInTheOther() {
        let before = Limits.default.routing.k
        var limits = Limits.default
        let other = limits
        limits.routing.k = before + 5
        limits.routing.alpha += 1
        #expect(limits.routing.k == before + 5)
        #expect(other.routing.k == before && Limits.default.routing.k == before)
        #expect(limits.routing.alpha == other.routing.alpha + 1)
    }
}
