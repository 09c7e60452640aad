import BusClient
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// What an operator's tools see of a running node.
    @Suite("Operations", .timeLimit(.minutes(2)))
    struct OperationsTests {
        @Test func metrics_ofEveryService_pleasePromtoolAndHaveAllThatTheDashboardShows() async throws {
            let node = try await ServicesNode.start(receiver: ["--refuse-2011"])
            _ = try await node.publish(20)
            for path in ["/tweets", "/nothing", "/api/messages"] { _ = try await node.http.get(path) }
            _ = try await node.http.post("/send", form: ["message": "x"], headers: ["Origin": "http://evil.example"])
            let refused = try await node.site.run(Binaries.client, ["send", "weak", "--scheme", "2011"])
            #expect(refused.status == 3, "\(refused.errorText)")
            // Some numbers of the mesh are there when somebody else is.
            let address = try await Self.status(node.site)["router"]["address"].string
            let other = try node.site.start(
                Binaries.router,
                [
                    "--bus", "ipc://" + node.site.directory.file("run/other.ipc"), "--udp",
                    "127.0.0.1:\(try FreePort.udp())", "--state", "off", "--seed", try #require(address),
                ])
            try await eventually("another node joins", within: .seconds(10)) {
                try await Self.value("p2pmsg_router_switches", in: node.metrics(.router)) == 1
            }
            #expect(other.isRunning)
            // The router's page is renewed once a second.
            try await eventually("the router's metrics", within: .seconds(10)) {
                let page = try await node.metrics(.router)
                return Self.value("p2pmsg_router_receipt_seconds_count", in: page) == 21
            }

            var names: Set<String> = []
            for service in ServicesNode.Service.allCases {
                let page = try await node.metrics(service)
                let verdict = try await Promtool.check(page, site: node.site)
                #expect(verdict.isEmpty, "\(service): \(verdict)")
                names.formUnion(
                    page.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                        String(line.prefix { $0 != "{" && $0 != " " })
                    })
            }
            for file in ["grafana/p2pmsg.json", "prometheus/alerts.yaml"] {
                let wanted = try Self.metrics(namedIn: file)
                #expect(wanted.count > 5, "\(file): \(wanted)")
                #expect(wanted.subtracting(names).isEmpty, "\(file) shows what nobody measures")
            }

            let router = try await node.metrics(.router)
            #expect(Self.value("p2pmsg_router_settled_messages_total{outcome=\"stored\"}", in: router) == 20)
            #expect(Self.value("p2pmsg_router_store_receivers", in: router) == 1)
            #expect(Self.value("p2pmsg_router_store_waiting_messages", in: router) == 0)
            #expect(Self.value("p2pmsg_router_bucket_switches", in: router) == 1)
            #expect(Self.value("p2pmsg_router_budget_tokens{budget=\"dials\"}", in: router) == 20)
            #expect(Self.value("p2pmsg_router_table_entries{table=\"proven_lines\"}", in: router) == 1)
            #expect(!router.contains("What the service counts as"), "every number is explained")
            let receiver = try await node.metrics(.receiver)
            #expect(Self.value("p2pmsg_receiver_commit_messages_sum", in: receiver) == 20)
            let refusal = "p2pmsg_receiver_messages_refused_total{reason=\"weak_signature_refused\"}"
            #expect(Self.value(refusal, in: receiver) == 1)
            let renderer = try await node.metrics(.renderer)
            let missing = "p2pmsg_renderer_http_request_seconds_count{route=\"none\",status=\"4xx\"}"
            #expect(Self.value(missing, in: renderer) == 1)
            #expect(Self.value("process_open_fds", in: renderer) ?? 0 > 3)
        }

        @Test func up_withOps_servesHealthAndMetricsOfEachProcess_andThePageNone() async throws {
            let first = try FreePort.tcp(row: 4)
            let node = try await TestNode.start(receivers: 2, arguments: ["--ops", "127.0.0.1:\(first)"])
            for (place, name) in ["router", "renderer", "receiver", "receiver"].enumerated() {
                let ops = HTTPClient(.tcp(port: first + UInt16(place)))
                let page = try await ops.get("/metrics").body
                #expect(page.contains("p2pmsg_\(name)_"), "\(first) + \(place): \(page.prefix(300))")
                #expect(try await ops.get("/livez").status == 200)
            }
            for path in ["/metrics", "/metrics/"] { #expect(try await node.http.get(path).status == 404) }
            let other = try await node.cli([
                "up", "--data", node.site.directory.file("other"), "--http", "127.0.0.1:\(try FreePort.tcp())",
                "--ops", "127.0.0.1:\(first)",
            ])
            #expect(other.status == 1 && other.errorText.contains("cannot serve --ops at 127.0.0.1:\(first)"))
        }

        @Test func health_saysWhoseFaultItIs() async throws {
            let node = try await ServicesNode.start()
            try node.process(.router).signal(SIGSTOP)
            defer { try? node.process(.router).signal(SIGCONT) }
            for service in [ServicesNode.Service.receiver, .renderer] {
                try await eventually("\(service) is not ready without a router", within: .seconds(15)) {
                    try await node.ops(service).get("/readyz").status == 503
                }
                #expect(try await node.ops(service).get("/livez").status == 200, "but \(service) lives")
            }
            try node.process(.router).signal(SIGCONT)
            try await node.untilReady()
            try node.process(.receiver).signal(SIGKILL)
            try await eventually("the router is not ready without a receiver", within: .seconds(15)) {
                try await node.ops(.router).get("/readyz").status == 503
            }
            #expect(try await node.ops(.router).get("/livez").status == 200)
        }

        @Test func idleNode_logsNothingAfterItsStart() async throws {
            let node = try await TestNode.start(receivers: 2)
            let client = try BusClient(bus: node.bus, name: "system-test")
            try await eventually("both receivers are known", within: .seconds(10)) {
                try await client.status().stores.first?.receivers == 2
            }
            let (start, lines) = (try await client.status().router.uptimeSeconds, node.process.standardError.count)
            try await eventually("five beats later", within: .seconds(15)) {
                try await client.status().router.uptimeSeconds >= start + 5
            }
            let later = node.process.standardError.all.dropFirst(lines)
            #expect(later.isEmpty, "\(later)")
            await client.close()
        }

        /// Not even at `info`, where changes are told.
        @Test func idleMesh_logsNothingAfterItHasJoined() async throws {
            let info = ["--log-level", "info"]
            let first = try await TestNode.start(arguments: info)
            let second = try await TestNode.start(seeds: [first], arguments: info)
            for node in [first, second] {
                _ = try await node.process.standardError.line(matching: "joined the mesh", within: .seconds(10))
            }
            let client = try BusClient(bus: second.bus, name: "system-test")
            let (start, lines) = (
                try await client.status().router.uptimeSeconds,
                [first, second].map { $0.process.standardError.count }
            )
            let report = try await eventually("fifteen seconds later", within: .seconds(25)) {
                let report = try await client.status()
                return report.router.uptimeSeconds >= start + 15 ? report : nil
            }
            for (node, before) in zip([first, second], lines) {
                let later = node.process.standardError.all.dropFirst(before)
                #expect(later.isEmpty, "\(later)")
            }
            #expect(report.rates?.seconds ?? 0 >= 9, "\(String(describing: report.rates))")
            let text = try await second.cli(["status"])
            #expect(text.lines.contains { $0.hasPrefix("switches") && $0.hasSuffix(" 1") }, "\(text.text)")
            #expect(text.lines.allSatisfy { $0.count <= 100 }, "\(text.text)")
            await client.close()
        }

        @Test func jsonLog_isOneObjectALineFromEveryProcess() async throws {
            let node = try await TestNode.start(
                receivers: 2, arguments: ["--log-format", "json", "--log-level", "info"])
            try await node.send("a secret text")
            let victim = try #require(node.site.processes(named: Binaries.receiver).first)
            kill(victim, SIGKILL)
            _ = try await node.process.standardError.line(matching: "starting it again", within: .seconds(10))
            let (exit, _) = try await node.stop()
            #expect(exit == .status(0))
            var processes: Set<String> = []
            for line in node.process.standardError.all {
                let object = try JSON(parsing: line)
                for key in ["time", "level", "service", "message"] {
                    #expect(object[key].string != nil, "\(line) has no \(key)")
                }
                processes.insert(object["process"].string ?? object["service"].string ?? "")
                #expect(!line.contains("a secret text"))
            }
            #expect(processes == ["p2pmsg", "router", "receiver-1", "receiver-2", "renderer"])
            let objects = try node.process.standardError.all.map { try JSON(parsing: $0) }
            for (process, message, key) in [
                ("router", "routing", "udp"), ("receiver-1", "receiving", "store"),
                ("renderer", "the wall is served", "address"),
            ] {
                let line = objects.first { $0["process"].string == process && $0["message"].string == message }
                #expect(line?[key].string != nil, "\(process) writes JSON by itself")
            }
        }

        @Test func wrongLogLevel_isAUsageErrorThatNamesItsSource() async throws {
            let site = try TestSite(extra: ["P2PMSG_LOG_LEVEL": "loud"])
            for program in [Binaries.router, Binaries.receiver, Binaries.renderer] {
                let output = try await site.run(program, [])
                #expect(output.status == 2)
                #expect(output.errorText.contains("expected one of: trace debug"), "\(output.errorText)")
                #expect(output.errorText.contains("(--log-level is set by P2PMSG_LOG_LEVEL)"), "\(output.errorText)")
            }
        }

        @Test(arguments: ServicesNode.Service.allCases)
        func supervisor_hearsOfStartLifeAndEnd(_ service: ServicesNode.Service) async throws {
            let directory = try TemporaryDirectory()
            let supervisor = try FakeSupervisor(path: directory.file("notify"))
            let node = try TestSite(extra: ["NOTIFY_SOCKET": supervisor.path, "WATCHDOG_USEC": "300000"])
            let arguments: [String] =
                switch service {
                case .router: ["--udp", "127.0.0.1:\(try FreePort.udp())"]
                case .receiver: []
                case .renderer: ["--http", "127.0.0.1:\(try FreePort.tcp())"]
                }
            let process = try node.start("p2pmsg-" + service.rawValue, arguments)
            let heard = supervisor.heard
            let ready = await heard.first(within: .seconds(10)) { $0 == "READY=1\nSTATUS=running" }
            var next = try #require(ready, "\(process.transcript)").index
            for _ in 0..<3 {
                let ping = await heard.first(from: next + 1, within: .seconds(5)) { $0 == "WATCHDOG=1" }
                next = try #require(ping, "\(heard.all)").index
            }
            process.signal(SIGTERM)
            #expect(await heard.first(within: .seconds(5)) { $0 == "STOPPING=1\nSTATUS=stopping" } != nil)
            #expect(try await process.waitForExit(within: .seconds(5)) == .status(0))
        }

        // MARK: - Reading

        static func status(_ site: TestSite) async throws -> JSON {
            let output = try await site.run(Binaries.client, ["status", "--json"])
            guard let report = try output.json().first else { throw NotInTime("status: \(output.errorText)") }
            return report
        }

        /// The value of the first line that begins with the name (and labels).
        static func value(_ name: String, in page: String) -> Double? {
            page.split(separator: "\n").first { $0.hasPrefix(name) }
                .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
        }

        /// The metrics that a file in `compose` names.
        static func metrics(namedIn file: String) throws -> Set<String> {
            let text = try String(contentsOfFile: Binaries.packageRoot + "/compose/" + file, encoding: .utf8)
            return Set(text.matches(of: /\b(p2pmsg|process)_[a-z0-9_]+/).map { String($0.output.0) })
        }
    }
}

/// Prometheus's own check of a page of metrics.
private enum Promtool {
    /// - Returns: its complaints.
    static func check(_ page: String, site: TestSite) async throws -> [String] {
        let places = [Binaries.packageRoot + "/.build/tools/promtool", "/usr/bin/promtool", "/usr/local/bin/promtool"]
        guard let tool = places.first(where: { access($0, X_OK) == 0 }) else { throw SystemError("promtool") }
        let process = try TestProcess(
            tool, ["check", "metrics"], environment: site.environment, input: Array(page.utf8))
        let exit = try await process.waitForExit(within: .seconds(30))
        _ = await process.standardError.first(within: .seconds(5)) { _ in false }
        let complaints = process.standardError.all + process.standardOutput.all
        return exit == .status(0) ? complaints : complaints + ["\(exit)"]
    }
}
