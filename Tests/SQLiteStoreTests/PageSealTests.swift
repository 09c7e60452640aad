import StoreConformance
import Testing

@testable import SQLiteStore

@Suite struct PageSealTests {
    /// A page of random bytes with its seal.
    private static func sealed(bytes: Int = 4_096, number: UInt32 = 7, seed: UInt64 = 3) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        var page = (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        page.withUnsafeMutableBytes { page in
            let seal = PageSeal.seal(of: UnsafeRawBufferPointer(page), number: number).littleEndian
            page.storeBytes(of: seal, toByteOffset: bytes - PageSeal.bytes, as: UInt64.self)
        }
        return page
    }

    private static func verdict(_ page: [UInt8], number: UInt32 = 7) -> PageSeal.Verdict {
        page.withUnsafeBytes { PageSeal.verdict(of: $0, number: number) }
    }

    @Test(arguments: [512, 4_096, 520]) func aPageWithItsSeal_isIntact(bytes: Int) {
        #expect(Self.verdict(Self.sealed(bytes: bytes)) == .intact)
    }

    @Test func anyFlippedBit_isFound() {
        var page = Self.sealed()
        var unseen: [Int] = []
        for bit in 0..<page.count * 8 {
            page[bit / 8] ^= 1 << UInt8(bit % 8)
            if Self.verdict(page) != .damaged { unseen.append(bit) }
            page[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        #expect(unseen.isEmpty)
    }

    @Test func aPageInAnotherPlace_isFound() {
        #expect(Self.verdict(Self.sealed(number: 7), number: 8) == .damaged)
    }

    @Test func twoWordsExchanged_areFound() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<2_000 {
            var page = Self.sealed()
            let a = Int.random(in: 0..<511, using: &random) * 8
            let b = Int.random(in: 0..<511, using: &random) * 8
            guard a != b else { continue }
            for index in 0..<8 { page.swapAt(a + index, b + index) }
            #expect(Self.verdict(page) == .damaged, "\(a) and \(b)")
        }
    }

    @Test func zerosInPlaceOfASeal_areNone() {
        var page = Self.sealed()
        for index in page.count - 8..<page.count { page[index] = 0 }
        #expect(Self.verdict(page) == .unsealed)
        #expect(Self.verdict([UInt8](repeating: 0, count: 4_096)) == .unsealed)
    }
}
