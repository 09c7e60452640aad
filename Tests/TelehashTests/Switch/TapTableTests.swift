import TelehashWire
import Testing

@testable import Telehash

@Suite("Taps of others")
struct TapTableTests {
    private func find(_ table: inout TapTable, _ signals: [String: String], fields: [Telex.Field] = []) -> [Int] {
        var found: [Int] = []
        table.match(Telex(hop: 2, signals: Signals(signals), fields: fields), into: &found)
        return found.sorted()
    }

    @Test("rules match by value, by presence, or always")
    func kinds() {
        var table = TapTable(limits: .default)
        table.replace(1, with: [TapRule(is: ["+end": "a"], has: ["+key"])])
        table.replace(2, with: [TapRule(has: ["+key"])])
        table.replace(3, with: [TapRule()])
        table.replace(4, with: [TapRule(is: ["+x": "1", "+y": "2"])])
        table.replace(5, with: [TapRule(is: ["_hop": "2"])])
        table.replace(6, with: [TapRule(is: ["plain": "p"])])
        #expect(find(&table, ["+end": "a", "+key": "k"]) == [1, 2, 3, 5])
        #expect(find(&table, ["+end": "b", "+key": "k"]) == [2, 3, 5])
        #expect(find(&table, ["+end": "a"]) == [3, 5])
        #expect(find(&table, ["+x": "1", "+y": "2"]) == [3, 4, 5])
        #expect(find(&table, ["+x": "1", "+y": "3"]) == [3, 5])
        #expect(find(&table, ["+z": "1"], fields: [.init(key: "plain", text: "p")]) == [3, 5, 6])
        #expect(find(&table, [:]) == [])
    }

    @Test("a telex that two rules of one peer match is found once")
    func onceEach() {
        var table = TapTable(limits: .default)
        table.replace(7, with: [TapRule(has: ["+key"]), TapRule(is: ["+end": "a"]), TapRule()])
        #expect(find(&table, ["+end": "a", "+key": "k"]) == [7])
    }

    @Test("a tap replaces the one before it, and an empty one clears it")
    func replaces() {
        var table = TapTable(limits: .default)
        table.replace(1, with: [TapRule(is: ["+end": "a"])])
        table.replace(1, with: [TapRule(is: ["+end": "b"])])
        #expect(find(&table, ["+end": "a"]) == [])
        #expect(find(&table, ["+end": "b"]) == [1])
        #expect(table.count == 1)
        table.replace(1, with: [])
        #expect(find(&table, ["+end": "b"]) == [])
        #expect(table.count == 0 && table.isEmpty)
    }

    @Test("10,000 taps on other ends cost a telex no more than 10 do")
    func index() {
        func cost(_ count: Int) -> Duration {
            var table = TapTable(limits: .default)
            for slot in 0..<count {
                table.replace(slot, with: [TapRule(is: ["+end": "end \(slot)"], has: ["+key"])])
            }
            let telex = Telex(hop: 1, signals: Signals(["+end": "end 3", "+key": "k", "+message": "m"]))
            var found: [Int] = []
            return (0..<5).map { _ in
                ContinuousClock().measure {
                    for _ in 0..<2_000 {
                        found.removeAll(keepingCapacity: true)
                        table.match(telex, into: &found)
                    }
                }
            }.min() ?? .zero
        }
        // A scan would cost 1000 times as much; 5 leaves room for a busy machine.
        #expect(cost(10_000) < cost(10) * 5 + .milliseconds(2))
    }

    @Test("random taps and telexes: the index finds what a scan finds")
    func againstScan() {
        var random = Seeded(seed: 21)
        var table = TapTable(limits: .default)
        var all: [Int: [TapRule]] = [:]
        func text() -> String { "\(Int.random(in: 0...2, using: &random))" }
        func rule() -> TapRule {
            var pairs: [String: String] = [:]
            for key in ["+end", "+a", "+b", "c", "_hop"] where Int.random(in: 0...3, using: &random) == 0 {
                pairs[key] = text()
            }
            let has = ["+end", "+a", "+b", "c"].filter { _ in Int.random(in: 0...3, using: &random) == 0 }
            return TapRule(is: pairs, has: has)
        }
        for _ in 0..<3000 {
            let slot = Int.random(in: 0..<30, using: &random)
            let rules = (0..<Int.random(in: 0...3, using: &random)).map { _ in rule() }
            table.replace(slot, with: rules)
            all[slot] = rules
            var signals: [String: String] = [:]
            for key in ["+end", "+a", "+b"] where Bool.random(using: &random) { signals[key] = text() }
            let fields = Bool.random(using: &random) ? [Telex.Field(key: "c", text: text())] : []
            let telex = Telex(hop: 1, signals: Signals(signals), fields: fields)
            var found: [Int] = []
            table.match(telex, into: &found)
            let expected = all.filter { $0.value.contains { $0.matches(telex) } }.map(\.key).sorted()
            #expect(found.sorted() == expected)
            #expect(table.count == all.values.count { !$0.isEmpty })
        }
    }
}
