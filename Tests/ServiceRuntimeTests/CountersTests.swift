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

    /// The page without what differs from run to run.
    private func ours(_ counters: Counters) -> String {
        counters.prometheusText().split(separator: "\n").filter {
            !$0.contains("process_") && !$0.contains("build_info")
        }
        .map { $0 + "\n" }.joined()
    }

    @Test func prometheusText_hasHelpTypeLabelsAndServiceNames() {
        var catalogue = MetricCatalogue()
        catalogue.add("bytes_sent", as: "sent_bytes", "Bytes \\ sent.")
        catalogue.add(family: "drops", by: "reason", ["late": "late", "full": "queue_full"], "Drops.")
        catalogue.add(prefix: "refused_", as: "refusals", by: "reason", "Refusals.")
        let counters = Counters(service: "router", catalogue: catalogue)
        counters.add("bytes_sent", 3)
        counters.add("late", 1)
        counters.add("full", 2)
        counters.add("refused_rate", 4)
        counters.add("unlisted", 5)
        counters.gauge("lines").set(2)
        counters.replace(MetricTable("waiting", "Waiting.", by: "store", [("a\"b", 7)]))
        counters.replace(MetricTable("depth", "Depth.", -1))
        let expected = """
            # HELP p2pmsg_router_depth Depth.
            # TYPE p2pmsg_router_depth gauge
            p2pmsg_router_depth 0
            # HELP p2pmsg_router_drops_total Drops.
            # TYPE p2pmsg_router_drops_total counter
            p2pmsg_router_drops_total{reason="late"} 1
            p2pmsg_router_drops_total{reason="queue_full"} 2
            # HELP p2pmsg_router_lines What the service counts as lines.
            # TYPE p2pmsg_router_lines gauge
            p2pmsg_router_lines 2
            # HELP p2pmsg_router_refusals_total Refusals.
            # TYPE p2pmsg_router_refusals_total counter
            p2pmsg_router_refusals_total{reason="rate"} 4
            # HELP p2pmsg_router_sent_bytes_total Bytes \\\\ sent.
            # TYPE p2pmsg_router_sent_bytes_total counter
            p2pmsg_router_sent_bytes_total 3
            # HELP p2pmsg_router_unlisted_total What the service counts as unlisted.
            # TYPE p2pmsg_router_unlisted_total counter
            p2pmsg_router_unlisted_total 5
            # HELP p2pmsg_router_waiting Waiting.
            # TYPE p2pmsg_router_waiting gauge
            p2pmsg_router_waiting{store="a\\"b"} 7

            """
        #expect(ours(counters) == expected)
    }

    @Test func histogram_isCumulativeInItsUnit() {
        let counters = Counters(service: "router")
        let histogram = counters.histogram("wait_seconds", bounds: [5_000_000, 1_000_000_000])
        histogram.observe(.milliseconds(5))
        histogram.observe(.milliseconds(6))
        histogram.observe(.seconds(2))
        _ = counters.histogram("idle_seconds", labels: [MetricLabel("route", "wall")], bounds: [1])
        let expected = """
            # HELP p2pmsg_router_wait_seconds What the service counts as wait_seconds.
            # TYPE p2pmsg_router_wait_seconds histogram
            p2pmsg_router_wait_seconds_bucket{le="0.005"} 1
            p2pmsg_router_wait_seconds_bucket{le="1.0"} 2
            p2pmsg_router_wait_seconds_bucket{le="+Inf"} 3
            p2pmsg_router_wait_seconds_sum 2.011
            p2pmsg_router_wait_seconds_count 3

            """
        #expect(ours(counters) == expected)
    }

    @Test func countsOfAValue_areTakenOverInTheUnitOfTheHistogram() {
        let histogram = Counters(service: "router").histogram("x_seconds", unit: .milliseconds, bounds: [10, 100])
        histogram.replace(counts: [1, 1, 1], sum: 1_021)
        #expect(histogram.cumulated == [1, 2, 3])
        #expect(histogram.shownSum == 1.021)
    }

    @Test func processMetrics_areThoseOfThisProcess() throws {
        let lines = Counters(service: "router").prometheusText().split(separator: "\n")
        func value(_ name: String) throws -> Double {
            let line = try #require(lines.first { $0.hasPrefix("process_\(name) ") }, "there is no \(name)")
            return try #require(line.split(separator: " ").last.flatMap { Double($0) })
        }
        let now = Double(Timestamp.now) / 1_000
        #expect(try value("resident_memory_bytes") > 1_048_576)
        #expect(try value("virtual_memory_bytes") > 1_048_576)
        #expect(try value("open_fds") >= 3)
        #expect(try value("max_fds") >= 3)
        #expect(try value("threads") >= 1)
        #expect(try value("cpu_seconds_total") > 0)
        let start = try value("start_time_seconds")
        #expect(start <= now + 1 && start > now - 24 * 3_600)
    }
}
