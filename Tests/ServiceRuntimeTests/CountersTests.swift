import Testing

@testable import ServiceRuntime

@Suite struct CountersTests {
    @Test func additionsOfManyTasks_areAllCounted() async {
        let counters = Counters(service: "router")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = counters.counter("telexes")
                    for _ in 0..<10_000 { counter.add() }
                }
            }
        }
        #expect(counters.snapshot() == ["telexes": 80_000])
    }

    @Test func foreignName_isCleaned() {
        let counters = Counters(service: "router")
        counters.add("Drop: bad\n\"line\"")
        counters.add("Drop: bad\n\"line\"")
        #expect(counters.snapshot() == ["drop__bad__line_": 2])
    }

    @Test func totalsCountedElsewhere_areTakenOver() {
        let counters = Counters(service: "router")
        counters.replaceTotals(["received": 7])
        counters.replaceTotals(["received": 9])
        #expect(counters.snapshot() == ["received": 9])
    }

    @Test func prometheusText_hasTypesAndServiceNames() {
        let counters = Counters(service: "router")
        counters.add("sent", 3)
        counters.set("lines", to: 2)
        let expected = """
            # TYPE p2pmsg_router_build_info gauge
            p2pmsg_router_build_info{version="\(Version.current)"} 1
            # TYPE p2pmsg_router_uptime_seconds gauge
            p2pmsg_router_uptime_seconds 0
            # TYPE p2pmsg_router_lines gauge
            p2pmsg_router_lines 2
            # TYPE p2pmsg_router_sent_total counter
            p2pmsg_router_sent_total 3

            """
        #expect(counters.prometheusText() == expected)
    }
}
