/// Multiplication modulo an odd number of 505 to 512 bits without division (Montgomery; the method is CIOS of Koç, Acar
/// and Kaliski, 1996). Anybody may send 2011 signatures, so they must be cheap to refuse: with it a check is more than ten times
/// faster than with the divisions of a general library.
struct Montgomery512 {
    let modulus: UInt512
    /// -modulus^-1 modulo 2^64.
    private let negativeInverse: UInt64
    /// 2^1024 modulo the modulus: takes a number into the form with one multiplication.
    private let square: UInt512

    /// - Parameter modulus: odd, 505 to 512 bits; nil otherwise.
    init?(modulus: UInt512) {
        guard modulus.words[0] & 1 == 1, modulus.words[7] >> 56 != 0 else { return nil }
        // Newton: each step doubles the number of right bits, from 3.
        var inverse = modulus.words[0]
        for _ in 0..<5 { inverse = inverse &* (2 &- modulus.words[0] &* inverse) }
        let plain = Montgomery512(modulus: modulus, negativeInverse: 0 &- inverse, square: .zero)

        // 2^504 is below the modulus; doubled 9 times it is 2^513, the form of 2. Squared 9 times that is the form of 2^512.
        var power = UInt512.zero
        power.words[7] = 1 << 56
        for _ in 0..<9 { power = plain.doubled(power) }
        for _ in 0..<9 { power = plain.multiply(power, power) }
        self = Montgomery512(modulus: modulus, negativeInverse: 0 &- inverse, square: power)
    }

    private init(modulus: UInt512, negativeInverse: UInt64, square: UInt512) {
        self.modulus = modulus
        self.negativeInverse = negativeInverse
        self.square = square
    }

    /// `base` to the power of `exponent`; `base` must be below the modulus. The time depends on the exponent.
    func power(_ base: UInt512, _ exponent: UInt512) -> UInt512 {
        let base = multiply(base, square)
        var result = multiply(.one, square)
        var isLeading = true
        for place in (0..<512).reversed() {
            if !isLeading { result = multiply(result, result) }
            if exponent.words[place >> 6] >> UInt64(place & 63) & 1 == 1 {
                result = isLeading ? base : multiply(result, base)
                isLeading = false
            }
        }
        return multiply(result, .one)
    }

    private func doubled(_ value: UInt512) -> UInt512 {
        var result = value
        var carry: UInt64 = 0
        for index in 0..<8 {
            result.words[index] = value.words[index] << 1 | carry
            carry = value.words[index] >> 63
        }
        return reduced(result, carry: carry)
    }

    /// a × b ÷ 2^512 modulo the modulus, both below it.
    private func multiply(_ a: UInt512, _ b: UInt512) -> UInt512 {
        var sum = UInt512.zero
        var top: UInt64 = 0
        for index in 0..<8 {
            var carry: UInt64 = 0
            for place in 0..<8 {
                (carry, sum.words[place]) = Self.product(
                    a.words[place], b.words[index], adding: sum.words[place], and: carry)
            }
            let (above, overflow) = top.addingReportingOverflow(carry)

            let factor = sum.words[0] &* negativeInverse
            (carry, _) = Self.product(factor, modulus.words[0], adding: sum.words[0], and: 0)
            for place in 1..<8 {
                (carry, sum.words[place - 1]) = Self.product(
                    factor, modulus.words[place], adding: sum.words[place], and: carry)
            }
            let (last, overflowAgain) = above.addingReportingOverflow(carry)
            sum.words[7] = last
            top = (overflow ? 1 : 0) + (overflowAgain ? 1 : 0)
        }
        return reduced(sum, carry: top)
    }

    /// A value below twice the modulus.
    private func reduced(_ value: UInt512, carry: UInt64) -> UInt512 {
        var less = value
        let wentBelow = less.subtract(modulus)
        return carry == 0 && wentBelow ? value : less
    }

    /// a × b + c + d, which fits two words.
    @inline(__always)
    private static func product(
        _ a: UInt64, _ b: UInt64, adding c: UInt64, and d: UInt64
    ) -> (high: UInt64, low: UInt64) {
        let sum = UInt128(a) &* UInt128(b) &+ UInt128(c) &+ UInt128(d)
        return (UInt64(truncatingIfNeeded: sum >> 64), UInt64(truncatingIfNeeded: sum))
    }
}
