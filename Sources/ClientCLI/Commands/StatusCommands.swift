import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime
import TelehashWire

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
                let summary = try? await client.query(.summary, of: id).value(\.summary)
            else { continue }
            report.stores[index].messages = Int(clamping: summary.messages)
            notices += summary.notices.map { .init(store: store.store, code: $0.code, text: $0.text) }
        }
        report.notices = notices
    }
}

struct DeadCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "Show the messages that no receiver of a store could take.",
        discussion: Help.text(
            """
            After five deliveries that nobody acknowledged (each has five seconds) the router stops trying and keeps the \
            message, until it ends or --redeliver puts it back. The log of the store's receivers should say what happened.
            """, json: "store, age_ms, id, message, key", examples: ["p2pmsg dead", "p2pmsg dead --redeliver"]))
    static let settings: [Setting] = NodeOptions.settings + [.redeliver]

    @Flag(help: ArgumentHelp(Setting.redeliver.help))
    var redeliver = false

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let letters = try await node.withClient(of: "dead") { try await $0.deadLetters(redeliver: redeliver) }
        for letter in letters {
            try StandardStreams.out(node.json ? line(letter) : text(letter))
        }
        if redeliver, !node.json { tell("delivering \(counted(letters.count, "message")) again") }
    }

    private func line(_ letter: DeadLetter) -> String {
        var line = JSONWriter(.terminal)
        line.member("store", letter.store.description)
        line.member("age_ms", letter.age)
        line.member("id", letter.message.id.hex)
        line.member("message", letter.message.text)
        line.member("key", letter.message.key.text)
        return line.object + "\n"
    }

    private func text(_ letter: DeadLetter) -> String {
        let age = DurationText.describe(.milliseconds(Int64(clamping: letter.age)))
        return "\(letter.store)  \(age) ago  \(letter.message.id.hex)\n"
            + "    \(SafeText.line(letter.message.text))\n"
    }
}
