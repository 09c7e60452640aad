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
            } else if !opens, let victim = expected.keys.sorted(by: { $0.nodeID < $1.nodeID }).first {
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

    /// Anybody who has addresses can make lines: from one neighbourhood, or from many.
    @Test(arguments: [true, false])
    func fullTable_keepsTheLinesThatAreNeeded(isOneNeighbourhood: Bool) {
        var limits = Limits.default
        limits.lines.provenLines = 60
        limits.lines.provenLinesOfOne = 16
        limits.lines.requests.burst = .infinity
        let solo = Solo(at: Solo.endpoint("99.1.0.1:42424"), limits: limits)
        let honest = (0..<30).map { Solo.endpoint("55.\($0).0.1:42424") }
        // Some of them hold a tap of ours, others have one here.
        let lines = honest.enumerated().map { number, peer in solo.prove(peer, isSwitch: number < 8, br: nil) }
        solo.tap([.tweets])
        var strangers: [(Endpoint, Int)] = []
        for second in 0..<200 {
            if second % 24 == 0 {
                for (peer, line) in zip(honest, lines) {
                    let tap = peer == honest[0] ? nil : [TapRule(is: ["+end": NodeID.tweets.hex], has: ["+key"])]
                    solo.receive(Telex(line: line, see: tap == nil ? [] : nil, tap: tap), from: peer)
                }
            }
            let stranger = Solo.endpoint(isOneNeighbourhood ? "77.1.2.\(second):1" : "77.\(second).1.1:1")
            strangers.append((stranger, solo.prove(stranger, isSwitch: false)))
            for (peer, line) in strangers.suffix(80) { solo.receive(Telex(line: line), from: peer) }
            solo.advance(by: .seconds(1))
        }
        let table = solo.node.exchange.lines
        #expect(honest.allSatisfy { table.provenSlot(of: $0) != nil })
        #expect(table.proven.count == (isOneNeighbourhood ? 46 : 60))
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
            queue.insert(LookQueue.Entry(line: LineTable.Handle(slot: UInt32(slot), generation: 1), at: at))
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

@Suite struct LineSlotsTests {
    private func line(_ number: Int) -> Line {
        Line(
            endpoint: .spread(number), generation: UInt32(number + 1), ringOut: 1, isSeed: false, now: .zero,
            limits: .default)
    }

    @Test func lines_takeTheFirstSlotThatIsFree() {
        var slots = LineSlots()
        #expect((0..<11).map { slots.open(line($0)) } == Array(0..<11))
        for freed in [7, 2, 3] { slots.close(freed) }
        #expect((20..<24).map { slots.open(line($0)) } == [2, 3, 7, 11])
        #expect(slots[7].endpoint == .spread(22))
        #expect(slots[8].endpoint == .spread(8))
    }

    @Test func pages_withoutALine_areGivenBack_andReadAsClosed() {
        var slots = LineSlots()
        for number in 0..<400 { _ = slots.open(line(number)) }
        #expect(slots.pages.count(where: LineSlots.isInUse) == 100)
        for number in 0..<399 where number != 201 { slots.close(number) }
        #expect(slots.pages.count(where: LineSlots.isInUse) == 2)
        #expect(slots[201].endpoint == .spread(201))
        #expect(slots[399].endpoint == .spread(399))
        slots[100].seenAt = .zero
        #expect(!slots[100].isOpen)
        #expect(slots.open(line(1_000)) == 0)
        slots.close(399)
        slots.trim()
        #expect(slots.count == 204)
        #expect(slots[201].isOpen)
    }

    /// Against a dictionary, over slots that come and go.
    @Test func slots_keepWhatWasPutThere() {
        var random = Seeded(seed: 7)
        var slots = LineSlots()
        var model: [Int: Int] = [:]
        for number in 0..<5_000 {
            if Int.random(in: 0..<1_000, using: &random) < (number / 500 % 2 == 0 ? 700 : 300) {
                let slot = slots.open(line(number))
                #expect(model.updateValue(number, forKey: slot) == nil)
                #expect(slot == 0 || model[slot - 1] != nil, "an earlier slot was free")
            } else if let slot = model.keys.sorted().randomElement(using: &random) {
                slots.close(slot)
                model[slot] = nil
            }
            if number % 100 == 0 { slots.trim() }
        }
        for (slot, number) in model { #expect(slots[slot].endpoint == .spread(number)) }
    }

    @Test func array_thatWasLarge_givesItsMemoryBack() {
        var array = Array(0..<1_000)
        array.removeLast(900)
        array.giveBackRoom()
        #expect(array == Array(0..<100))
        #expect(array.capacity < 250)
        let before = array.capacity
        array.giveBackRoom()
        #expect(array.capacity == before)
    }
}

@Suite("What was seen a short while ago")
struct RecentSetTests {
    private func moment(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    @Test("a fingerprint is remembered for exactly the span, counted from its first arrival")
    func span() {
        var set = RecentSet<UInt64>(span: .seconds(10), capacity: 100)
        #expect(set.insert(5, now: moment(0)) == true)
        #expect(set.insert(5, now: moment(9.999)) == false)
        #expect(set.contains(5, now: moment(9.999)) == true)
        #expect(set.insert(5, now: moment(10)) == true)
        #expect(set.insert(5, now: moment(19.9)) == false)
    }

    @Test("a full set forgets the oldest")
    func capacity() {
        var set = RecentSet<UInt64>(span: .seconds(10), capacity: 100)
        for digest in 0..<150 { #expect(set.insert(UInt64(digest), now: moment(1)) == true) }
        #expect(set.count == 100)
        let kept = [149, 50].map { set.contains($0, now: moment(1)) }
        #expect(kept == [true, true])
        #expect(set.contains(49, now: moment(1)) == false)
    }

    @Test("it agrees with a plain dictionary over a long and crowded life")
    func model() {
        var random = Seeded(seed: 31)
        var set = RecentSet<UInt64>(span: .milliseconds(700), capacity: 1 << 20)
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

/// What one host leaves to others of what all unproven addresses share.
@Suite struct SharedBudgetTests {
    @Test("one host that sends more than there is leaves a known address its own", arguments: [true, false])
    func oneHost(sendsSignals: Bool) throws {
        let figures = Limits.default.lines
        let (rate, parts) =
            sendsSignals
            ? (figures.strangerSignals, figures.strangerSignalParts)
            : (figures.strangerTelexes, figures.strangerTelexParts)
        var now = Instant.zero
        var budget = SharedBudget(rate, parts, limits: .default, now: now)
        let host = try #require(Endpoint("10.0.0.1:5000"))
        let client = try #require(Endpoint("10.0.0.2:5000"))
        var (asked, got) = (0, 0)
        for step in 0..<60_000 {
            // 1,500 signals a second, or 10,000 telexes.
            for _ in 0..<(sendsSignals ? 1 + step % 2 : 10) { _ = budget.take(for: host, now: now) }
            if step % 10 == 0 {
                asked += 1
                if budget.take(for: client, now: now) { got += 1 }
            }
            now = now.advanced(by: .milliseconds(1))
        }
        #expect(got == asked)
    }
}
