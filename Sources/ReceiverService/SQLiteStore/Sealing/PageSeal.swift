/// The checksum of a page of a store's file, kept in the last 8 bytes of the page, which SQLite leaves alone when it is
/// told to reserve them.
///
/// SQLite by itself believes whatever the disk gives it: a flipped bit in a text, in an unindexed column or in free space
/// goes unseen. The seal covers every bit of the page and the page's number, so that a page in a wrong place is found too.
/// Every change within 8 aligned bytes is found for certain, any other one but for a chance of 2^-64.
///
/// Eight zero bytes mean that there is no seal: the page was written by another program that keeps SQLite's rules, such
/// as `sqlite3` with `VACUUM INTO`.
enum PageSeal {
    /// Bytes that SQLite reserves for it at the end of each page.
    static let bytes = 8

    /// Where the header of a database says how many bytes are reserved.
    static let reservedOffset = 20

    /// What a page is found to be.
    enum Verdict: Hashable {
        case intact
        /// It has no seal.
        case unsealed
        case damaged
    }

    /// - Parameters:
    ///   - page: a whole page; its length is a multiple of 8, at least 16.
    ///   - number: counted from 1.
    static func verdict(of page: UnsafeRawBufferPointer, number: UInt32) -> Verdict {
        let kept = page.loadUnaligned(fromByteOffset: page.count - bytes, as: UInt64.self)
        if kept == 0 { return .unsealed }
        return kept == seal(of: page, number: number).littleEndian ? .intact : .damaged
    }

    /// The seal over everything but the last 8 bytes; never 0.
    static func seal(of page: UnsafeRawBufferPointer, number: UInt32) -> UInt64 {
        // Four chains, because one would wait for each of its multiplications. Each step is a bijection of the chain for
        // every word and of the word for every chain, so one changed word always changes the result.
        var a = UInt64(number) &* factors.0 ^ 0x7032_706d_7365_616c
        var b = factors.1
        var c = factors.2
        var d = factors.3
        let words = (page.count - bytes) / 8
        var index = 0
        while index &+ 4 <= words {
            a = step(a, word(page, index), factors.0)
            b = step(b, word(page, index &+ 1), factors.1)
            c = step(c, word(page, index &+ 2), factors.2)
            d = step(d, word(page, index &+ 3), factors.3)
            index &+= 4
        }
        while index < words {
            a = step(a, word(page, index), factors.0)
            index &+= 1
        }
        let sum = step(step(step(a, b, factors.1), c, factors.2), d, factors.3)
        return sum == 0 ? .max : sum
    }

    /// Odd, with about as many ones as zeros: digits of the square roots of 2, 3, 5 and 7.
    private static let factors: (UInt64, UInt64, UInt64, UInt64) = (
        0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1
    )

    @inline(__always)
    private static func step(_ chain: UInt64, _ word: UInt64, _ factor: UInt64) -> UInt64 {
        let product = (chain ^ word) &* factor
        return product ^ (product &>> 29)
    }

    @inline(__always)
    private static func word(_ page: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        UInt64(littleEndian: page.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self))
    }
}
