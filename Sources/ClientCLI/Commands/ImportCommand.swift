import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

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
