import Synchronization

/// Whether a 2011 modulus can be a key at all. Of one that is prime, or has a small factor, anybody can work out the private
/// exponent; and such numbers are made in no time with whatever digits one likes.
enum LegacyModulus {
    /// Moduli that were looked at. The look takes as long as some checks of signatures.
    private static let seen = Mutex<[String: Bool]>([:])

    /// - Parameter text: lower-case hex digits without leading zeros.
    static func isSound(_ text: String, _ field: Montgomery512) -> Bool {
        if let known = seen.withLock({ $0[text] }) { return known }
        let isSound = !hasSmallFactor(field.modulus) && !isPrime(field)
        seen.withLock { seen in
            if seen.count >= MessageLimits.legacyModuliRemembered { seen = [:] }
            seen[text] = isSound
        }
        return isSound
    }

    /// Fermat's test with base 2. Every prime passes it, and hardly ever anything else: never yet by chance.
    static func isPrime(_ field: Montgomery512) -> Bool {
        var exponent = field.modulus
        exponent.words[0] &= ~1
        return field.power(UInt512(2), exponent) == .one
    }

    /// Whether a prime below 2^16 divides it.
    static func hasSmallFactor(_ modulus: UInt512) -> Bool {
        smallPrimes.contains { product, primes in
            let rest = modulus.remainder(dividedBy: product)
            return primes.contains { rest % $0 == 0 }
        }
    }

    /// The primes below 2^16, as many together as have a product of one word: a long division for four of them.
    private static let smallPrimes: [(product: UInt64, primes: [UInt64])] = {
        var isComposite = [Bool](repeating: false, count: 1 << 16)
        var groups: [(product: UInt64, primes: [UInt64])] = [(1, [])]
        for number in 2..<isComposite.count where !isComposite[number] {
            for multiple in stride(from: number * number, to: isComposite.count, by: number) {
                isComposite[multiple] = true
            }
            let (product, isTooMuch) = groups[groups.count - 1].product.multipliedReportingOverflow(by: UInt64(number))
            if isTooMuch {
                groups.append((UInt64(number), [UInt64(number)]))
            } else {
                groups[groups.count - 1].product = product
                groups[groups.count - 1].primes.append(UInt64(number))
            }
        }
        return groups
    }()
}

extension UInt512 {
    fileprivate func remainder(dividedBy divisor: UInt64) -> UInt64 {
        var rest: UInt64 = 0
        for index in (0..<8).reversed() { rest = divisor.dividingFullWidth((rest, words[index])).remainder }
        return rest
    }
}
