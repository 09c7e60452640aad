import Testing

@testable import Telehash

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
        #expect(slots.pagesInUse == 100)
        for number in 0..<399 where number != 201 { slots.close(number) }
        #expect(slots.pagesInUse == 2)
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
                slots[slot].isOpen = false
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
