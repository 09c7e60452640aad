import ArgumentParser
import Bus
import BusClient
import ServiceRuntime

struct StatusCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the router, its place in the mesh, the stores, and what was dropped and why.",
        discussion: Help.text(
            json: "router, lines, buckets, taps, stores, counters, and more that newer routers have",
            examples: ["p2pmsg status", "p2pmsg status --json | jq .lines.proven"]))
    static let settings: [Setting] = NodeOptions.settings

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let report = try await node.withClient(of: "status") { client in
            var report = try await client.status(timeout: node.timeout)
            await ask(client, about: &report)
            return report
        }
        try StandardStreams.out(node.json ? StatusText.json(report) + "\n" : StatusText.lines(report))
    }

    /// What the stores say themselves: their warnings, and how many messages they hold at this moment, which the router knows
    /// only from the receivers' last beats. One that does not answer has nothing to tell.
    private func ask(_ client: BusClient, about report: inout StatusReport) async {
        var notices: [StatusReport.Notice] = []
        for (index, store) in report.stores.enumerated() where store.receivers > 0 {
            guard let id = StoreID(store.store),
                case .summary(let summary)? = try? await client.query(.summary, of: id).body
            else { continue }
            report.stores[index].messages = Int(clamping: summary.messages)
            notices += summary.notices.map { .init(store: store.store, code: $0.code, text: $0.text) }
        }
        report.notices = notices
    }
}
