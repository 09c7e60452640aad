import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct ShowCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one stored message.",
        discussion: Help.text(json: Help.message, examples: ["p2pmsg show 3f2a90", "p2pmsg show 3f2a90 --json"]))
    static let settings: [Setting] = NodeOptions.settings

    @Argument(help: ArgumentHelp(MessageReference.help), transform: MessageReference.argument)
    var id: MessageReference

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let row = try await node.row(of: id, for: "show")
        try StandardStreams.out(
            node.json
                ? row.stored.json() + "\n" : MessageText.lines(row) + "    -- \(row.stored.message.key.text)\n")
    }
}

extension NodeOptions {
    /// A message, from the node.
    ///
    /// - Throws: a report where there is none, or several may be meant; `BusError`.
    func row(of reference: MessageReference, for command: String) async throws -> Row {
        try await withClient(of: command) { client in
            let id = try await finder(client).id(reference)
            let answer = try await client.query(.message(id), timeout: timeout)
            guard let row = try Answers.page(answer).rows.first else {
                throw FailureReport("there is no message \(id.hex)")
            }
            return row
        }
    }
}
