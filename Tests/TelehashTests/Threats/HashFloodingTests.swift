import Foundation
import MeshSimulator
import TelehashWire
import Testing

@testable import Telehash

/// Threat T24: texts that a stranger chose to collide cost no more than any others.
@Suite(.serialized) struct HashFloodingTests {
    /// 2¹⁷ texts of 34 letters that are one and the same for the hash of 31s, which is unseeded wherever it is used.
    private static let colliding: [String] = (0..<100_000).map { number in
        (0..<17).map { number >> $0 & 1 == 0 ? "Aa" : "BB" }.joined()
    }

    /// As many that nobody chose.
    private static let random: [String] = {
        var random = SeededGenerator(seed: 24)
        return colliding.map { text in
            String(decoding: text.utf8.map { _ in UInt8.random(in: 0x41...0x5a, using: &random) }, as: UTF8.self)
        }
    }()

    @Test func theTexts_doCollide() {
        func hash(_ text: String) -> UInt32 { text.utf8.reduce(0) { $0 &* 31 &+ UInt32($1) } }
        #expect(Set(HashFloodingTests.colliding.map(hash)).count == 1)
        #expect(Set(HashFloodingTests.colliding).count == 100_000)
        #expect(Set(HashFloodingTests.random.map(hash)).count > 99_000)
    }

    @Test func memoryOfRepeats_isNotSlowedDown() {
        let key = DigestKey(1, 2)
        expectEqualCost { texts in
            var set = RecentSet(span: .seconds(600), capacity: 131_072)
            for text in texts { _ = set.insert(Signals(["+message": text]).digest(key: key), now: .zero) }
            #expect(set.count == texts.count)
        }
    }

    @Test func tableOfTaps_isNotSlowedDown() {
        expectEqualCost { texts in
            var table = TapTable(limits: .default)
            for (slot, text) in texts.prefix(20_000).enumerated() {
                table.replace(slot, with: [TapRule(is: ["+message": text], has: [text])])
            }
            #expect(table.count == min(texts.count, 20_000))
        }
    }

    @Test func dictionaryOfTexts_isNotSlowedDown() {
        expectEqualCost { texts in
            var dictionary: [String: Int] = [:]
            for text in texts { dictionary[text, default: 0] += 1 }
            #expect(dictionary.count == texts.count)
        }
    }

    /// A collision would cost thousands of times as much, so few texts come first: what is broken fails and does not hang.
    private func expectEqualCost(_ work: ([String]) -> Void) {
        guard ratio(of: 2_000, atMost: 3, work) <= 3 else {
            Issue.record("colliding texts cost several times as much as others")
            return
        }
        #expect(ratio(of: 100_000, atMost: 1.2, work) <= 1.2)
    }

    /// Of the medians of runs that take turns, by the thread's own processor time. A loaded machine may need a second look.
    private func ratio(of count: Int, atMost bound: Double, _ work: ([String]) -> Void) -> Double {
        let any = Array(HashFloodingTests.random.prefix(count))
        let colliding = Array(HashFloodingTests.colliding.prefix(count))
        var ratio = Double.infinity
        for _ in 0..<4 where ratio > bound {
            var times: (chosen: [Double], any: [Double]) = ([], [])
            for _ in 0..<5 {
                times.any.append(seconds { work(any) })
                times.chosen.append(seconds { work(colliding) })
            }
            ratio = times.chosen.sorted()[2] / times.any.sorted()[2]
        }
        return ratio
    }

    private func seconds(_ work: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let start = now()
        work()
        return now() - start
    }
}
