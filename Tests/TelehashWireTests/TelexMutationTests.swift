import MeshSimulator
import TelehashWire
import TestSupport
import Testing

/// Telexes that went wrong on the way in every manner that a seeded generator can think of.
@Suite struct TelexMutationTests {
    static let seeds: [UInt64] = Array(1...8)
    /// 8 seeds make 100,000 telexes.
    static let mutationsPerSeed = 12_500

    @Test(arguments: seeds)
    func mutatedTelex_isReadOrRefusedAndNeverChangesWhenWrittenAgain(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let originals =
            try Vectors.transcriptNames.flatMap { try Vectors.transcript($0).map(\.bytes) } + [
                Array(fullTelex.utf8)
            ]
        var understood = 0
        for _ in 0..<TelexMutationTests.mutationsPerSeed {
            var bytes = originals[Int.random(in: 0..<originals.count, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                mutate(&bytes, with: originals, using: &random)
            }
            guard case .success(let telex) = decoded(bytes) else { continue }
            understood += 1
            let written = telex.encoded()
            guard case .success(var again) = decoded(written) else {
                Issue.record("seed \(seed): \(bytes) is read, what is written of it is not")
                return
            }
            again.ignoredTapRules = telex.ignoredTapRules
            guard again == telex, again.encoded() == written else {
                Issue.record("seed \(seed): \(bytes) changes when it is written again")
                return
            }
        }
        #expect(understood > TelexMutationTests.mutationsPerSeed / 100, "the mutations leave something to read")
        #expect(understood < TelexMutationTests.mutationsPerSeed, "the mutations break something")
    }

    @Test(arguments: seeds)
    func randomBytes_areRefused(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            guard case .failure = decoded(bytes) else {
                Issue.record("seed \(seed): \(bytes) is read as a telex")
                return
            }
        }
    }

    /// Pieces that reach corners which single bytes seldom reach.
    private static let fragments: [[UInt8]] =
        [
            "\\u002b", "\\ud800", "\\udc00\"", "\"+end\":", "\"_line\":0,", "null", "true", "1e400", "-0",
            "18446744073709551616",
            "[[[[", "]]", "{\"is\":", "}}", "\"", "\\", ",", ":", "\u{feff}", "☃", "\"has\":[5]", "1.5", "-1", "[", "{",
            "\0",
        ].map { Array($0.utf8) } + [[0xc0, 0x80], [0xff], [0xe2, 0x98]]

    private func mutate(_ bytes: inout [UInt8], with others: [[UInt8]], using random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, index + Int.random(in: 1...16, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
        case 2: bytes.removeSubrange(index..<end)
        case 3: bytes.insert(contentsOf: bytes[index..<end], at: index)
        case 4: bytes.removeSubrange(index...)
        case 5:
            let other = others[Int.random(in: 0..<others.count, using: &random)]
            bytes.replaceSubrange(index..., with: other.suffix(other.count / 2))
        case 6: bytes.insert(contentsOf: TelexMutationTests.fragments.randomElement(using: &random) ?? [], at: index)
        default: bytes[index] = Array("0123456789\"{}[]:,\\+_.-eu".utf8).randomElement(using: &random) ?? 0
        }
    }
}
