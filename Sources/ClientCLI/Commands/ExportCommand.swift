import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct ExportCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a store's messages as JSON lines.",
        discussion: Help.text(
            """
            In the order in which they were stored, each with its signals, so that `p2pmsg import` and everybody else can \
            check them. Hidden messages stay behind. Where there are several stores, the one with the most messages is \
            written unless --store-id names another. It prints the same without --json.
            """, json: Help.message,
            examples: ["p2pmsg export > wall.jsonl", "p2pmsg export --channel garden | gzip > garden.jsonl.gz"]))
    static let settings: [Setting] = StoreOptions.settings + [.channel]

    @Option(
        help: ArgumentHelp(Setting.channel.help + " (default: all)", valueName: "name"),
        transform: Channel.argument)
    var channel: Channel?

    @OptionGroup var options: StoreOptions

    func run() async throws {
        try await options.run("export") { client, stores in
            let store = try await largest(of: stores, client)
            var position: UInt64 = 0
            var isMore = true
            var isEmpty = true
            while isMore {
                let query = Query.after(position: position, limit: UInt32(BusLimits.pageRows))
                let page = try Answers.page(
                    try await client.query(query, of: store, timeout: options.timeout))
                for row in page.rows where channel == nil || row.stored.message.end == channel?.end {
                    try StandardStreams.out(row.stored.json() + "\n")
                    isEmpty = false
                }
                isMore = page.more && !page.rows.isEmpty
                position = page.rows.last?.position ?? position
            }
            guard isEmpty, let channel else { return }
            await ChannelTable.tellNotice(about: channel, client, timeout: options.timeout)
        }
    }

    private func largest(of stores: [StoreID], _ client: BusClient) async throws -> StoreID {
        var best = stores[0]
        var most: UInt64 = 0
        for store in stores where stores.count > 1 {
            let answer = try await client.query(.summary, of: store, timeout: options.timeout)
            guard case .summary(let summary) = answer.body, summary.messages > most else { continue }
            (best, most) = (store, summary.messages)
        }
        return best
    }
}
