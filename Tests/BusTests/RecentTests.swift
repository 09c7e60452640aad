import Testing

@testable import Bus

@Suite struct RecentTests {
    @Test func insert_beyondTheCapacity_forgetsTheOldest() {
        var recent = Recent<Int>(capacity: 3)
        for element in [1, 2, 3, 4, 5, 5] { recent.insert(element) }
        #expect((1...5).map { recent.contains($0) } == [false, false, true, true, true])
        let isNew = recent.insert(1)
        #expect(isNew)
        #expect((1...5).map { recent.contains($0) } == [true, false, false, true, true])
    }
}
