import MeshSimulator
import TelehashWire
import Testing

/// Threat T20: nesting that ends recursive readers, on a stack of 64 KiB.
@Suite struct TelexDepthTests {
    private static let stack = 65_536

    @Test func sevenHundredBrackets_areRefused() throws {
        let texts = [
            String(repeating: "[", count: 700), "{\"a\":" + String(repeating: "[", count: 700),
            String(repeating: "{\"a\":", count: 467), String(repeating: "[{\"a\":", count: 230),
            "{\"a\":" + String(repeating: "[", count: 700) + String(repeating: "]", count: 700) + "}",
            "{\"a\":" + String(repeating: "{\"\":", count: 300) + "1" + String(repeating: "}", count: 301),
        ]
        let verdicts = try onSmallStack(bytes: TelexDepthTests.stack) { texts.map { decoded($0) } }
        #expect(verdicts[0] == .failure(.notAnObject))
        #expect(verdicts[3] == .failure(.notAnObject))
        for index in [1, 2, 4, 5] { #expect(verdicts[index] == .failure(.nestedTooDeep)) }
    }

    @Test(arguments: [".see", ".tap", "_to", "_hop", "+end", "_new", ".new", "plain"])
    func nesting_isBoundedUnderEveryKey(_ key: String) throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"is\":", "}]"), ("[{\"has\":[", "]}]")] {
            let levels = open.count { $0 == "[" || $0 == "{" }
            @Sendable func telex(_ depth: Int) -> String {
                let count = (depth - 1) / levels
                return "{\"\(key)\":" + String(repeating: open, count: count) + "1"
                    + String(repeating: close, count: count) + "}"
            }
            let deepest = 1 + (WireLimits.nesting - 1) / levels * levels
            let (fine, tooDeep) = try onSmallStack(bytes: TelexDepthTests.stack) {
                (decoded(telex(deepest)), decoded(telex(deepest + levels)))
            }
            #expect(throws: Never.self, "\(key) \(open)") { try fine.get() }
            #expect(tooDeep == .failure(.nestedTooDeep), "\(key) \(open)")
        }
    }

    /// 100,000 in all.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func variants_areReadOrRefusedOnASmallStack(_ seed: UInt64) throws {
        let counts = try onSmallStack(bytes: TelexDepthTests.stack) {
            var random = SeededGenerator(seed: seed)
            var counts = (read: 0, tooDeep: 0, otherwise: 0)
            for _ in 0..<25_000 {
                switch decoded(TelexDepthTests.nested(using: &random)) {
                case .success: counts.read += 1
                case .failure(.nestedTooDeep): counts.tooDeep += 1
                case .failure: counts.otherwise += 1
                }
            }
            return counts
        }
        #expect(counts.read + counts.tooDeep + counts.otherwise == 25_000, "seed \(seed)")
        #expect(counts.read > 100 && counts.tooDeep > 100 && counts.otherwise > 100, "seed \(seed): \(counts)")
    }

    /// Brackets in any order, closed rightly, wrongly, too often or not at all.
    private static func nested(using random: inout SeededGenerator) -> [UInt8] {
        let keys = ["a", "+x", ".tap", ".see", "_hop", "is"]
        var text = "{\"\(keys.randomElement(using: &random) ?? "")\":"
        var closers: [Character] = ["}"]
        for _ in 0..<Int.random(in: 0...(random.happens(0.5) ? 40 : 700), using: &random) {
            let isObject = random.happens(0.5)
            text += isObject ? "{\"\(keys.randomElement(using: &random) ?? "")\":" : "["
            closers.append(isObject ? "}" : "]")
            if text.utf8.count > 1_380 { break }
        }
        text += ["1", "\"\"", "null", "[]", ""].randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<6, using: &random) {
        case 0: closers.shuffle(using: &random)
        case 1: closers.removeLast(Int.random(in: 0...closers.count, using: &random))
        case 2: closers += closers
        default: break
        }
        return Array((text + String(closers.reversed())).utf8)
    }
}
