/// A random generator that says the same things again when it gets the same seed: xoshiro256**, seeded by SplitMix64
/// (Blackman and Vigna, 2018).
///
/// For simulations and tests only. It is fast and well distributed, and everybody who sees some of it can tell the rest.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    package init(seed: UInt64) {
        var mix = seed
        func next() -> UInt64 {
            mix &+= 0x9e37_79b9_7f4a_7c15
            var word = mix
            word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
            return word ^ word >> 31
        }
        state = (next(), next(), next(), next())
    }

    init(state: (UInt64, UInt64, UInt64, UInt64)) {
        self.state = state
    }

    package mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    /// A generator of its own for a part of the run, so that what one part draws does not shift the others.
    package mutating func fork() -> SeededGenerator {
        SeededGenerator(seed: next())
    }

    /// A number in 0..<1.
    package mutating func nextUnit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Whether an event of this probability happens. Draws even for 0 and 1, so that the rest of the run stays equal.
    package mutating func happens(_ probability: Double) -> Bool {
        nextUnit() < probability
    }
}
