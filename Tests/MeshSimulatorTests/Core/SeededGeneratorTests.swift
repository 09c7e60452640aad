import Testing

@testable import MeshSimulator

@Suite struct SeededGeneratorTests {
    /// The first numbers that the authors' C code says for the state 1, 2, 3, 4.
    @Test func numbers_areThoseOfTheAlgorithm() {
        var random = SeededGenerator(state: (1, 2, 3, 4))
        let numbers = (0..<4).map { _ in random.next() }
        #expect(numbers == [11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240])
    }

    @Test func seed_decidesEverything() {
        func numbers(_ seed: UInt64) -> [UInt64] {
            var random = SeededGenerator(seed: seed)
            return (0..<100).map { _ in random.next() }
        }
        #expect(numbers(7) == numbers(7))
        #expect(Set(numbers(7)).isDisjoint(with: numbers(8)))
    }

    @Test func unit_isSpreadOverTheInterval() {
        var random = SeededGenerator(seed: 1)
        let units = (0..<10_000).map { _ in random.nextUnit() }
        #expect(units.allSatisfy { (0..<1).contains($0) })
        #expect((4_900...5_100).contains(units.count { $0 < 0.5 }))
        let (never, always) = (random.happens(0), random.happens(1))
        #expect(!never && always)
    }

    @Test func fork_isAnotherSequence() {
        var random = SeededGenerator(seed: 1)
        var fork = random.fork()
        let pairs = (0..<100).map { _ in (random.next(), fork.next()) }
        #expect(pairs.allSatisfy { $0.0 != $0.1 })
    }
}
