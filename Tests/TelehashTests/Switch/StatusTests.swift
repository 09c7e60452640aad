import Telehash
import TelehashWire
import Testing

@Suite("What a switch shows of itself")
struct StatusTests {
    @Test("budgets go down with what is spent and fill again; tables stay below their limits")
    func budgetsAndTables() throws {
        let node = Solo(known: (0..<8).map(Endpoint.spread))
        func dials() throws -> SwitchStatus.Budget {
            try #require(node.node.status(now: node.now).budgets.first { $0.name == "dials" })
        }
        #expect(try dials().tokens == Limits.default.routing.dials.burst)
        node.start()
        let spent = try dials()
        #expect(spent.tokens == Limits.default.routing.dials.burst - 8)
        #expect(
            spent.limit == Limits.default.routing.dials.burst
                && spent.perSecond == Limits.default.routing.dials.perSecond)
        let status = node.node.status(now: node.now)
        #expect(
            status.budgets.map(\.name) == [
                "dials", "stranger_telexes", "requests", "stranger_signals", "adoptions", "adopted_lookups",
                "redirects", "tree_dials", "copies_to_2011",
            ])
        #expect(status.tables.first { $0.name == "ringing_lines" }?.count == 8)
        for table in status.tables { #expect((0...table.limit).contains(table.count), "\(table.name)") }
        node.now = node.now.advanced(by: .milliseconds(500))
        #expect(try dials().tokens == Limits.default.routing.dials.burst - 3, "five came back in half a second")
    }

    @Test("lookups are counted with their time, questions and referrals")
    func lookups() {
        let wire = Wire(latency: .milliseconds(20))
        wire.add(.local(1))
        for number in 2...6 { wire.add(.local(number), seeds: [.local(1)]) }
        wire.run(for: .seconds(90))
        let lookups = wire.status(.local(3)).lookups
        #expect(lookups.finished > 0 && lookups.unanswered == 0)
        #expect(lookups.hops.count == lookups.finished)
        #expect((lookups.hops.mean ?? 0) >= 1 && (lookups.queries.mean ?? 0) >= 1)
        #expect((lookups.milliseconds.mean ?? 0) >= 40, "a round trip at least")
    }
}
