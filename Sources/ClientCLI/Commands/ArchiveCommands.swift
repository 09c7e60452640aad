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

    @Option(help: .of(.channel, "name", "(default: all)"), transform: Channel.argument)
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
                let page = try await client.query(query, of: store, timeout: options.timeout).value(\.page)
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
            guard let summary = answer.body.summary, summary.messages > most else { continue }
            (best, most) = (store, summary.messages)
        }
        return best
    }
}

struct ImportCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Store messages from JSON lines.",
        discussion: Help.text(
            """
            Reads what `p2pmsg export` or `p2pmsg-receiver --salvage` has written, from a file or standard input, of any \
            length. Every store checks each message as if it came from the mesh; what it has already is skipped, so an \
            import may be repeated. Nothing goes to the mesh. Exit status 3 when some lines were no messages or were refused.
            """, json: "store, stored, duplicates, refused (a number for each reason) and unreadable",
            examples: ["p2pmsg import wall.jsonl", "ssh other p2pmsg export | p2pmsg import"]))
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: "The file, or - for standard input.")
    var file = "-"

    @OptionGroup var options: StoreOptions

    func run() async throws {
        let reader = try MessageLines(file)
        try await options.run("import") { client, stores in
            let importer = Importer(client: client, stores: stores, timeout: options.timeout)
            var totals = ImportTotals(stores: stores)
            while let batch = try await reader.next() {
                for problem in totals.noting(batch.unreadable) {
                    tell("line \(problem.line): \(SafeText.line(problem.text))")
                }
                try await importer.store(batch.messages, into: &totals)
            }
            if let rest = totals.unnamed { tell(rest) }
            try StandardStreams.out(options.json ? totals.json : totals.text)
            if totals.hasRefusals { throw EndedWith(status: .refused) }
        }
    }
}
