import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct ShowCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one stored message.",
        discussion: Help.text(json: Help.message, examples: ["p2pmsg show 3f2a90", "p2pmsg show 3f2a90 --json"]))
    static let settings: [Setting] = BusOptions.settings + [.timeout, .json]

    @Argument(help: ArgumentHelp(MessageReference.help))
    var id: MessageReference

    @Option(help: ArgumentHelp(Setting.timeout.help, valueName: "duration"))
    var timeout = DurationArgument(seconds: 5)

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var bus: BusOptions

    func run() async throws {
        let row = try await id.row(at: bus, name: "p2pmsg show", timeout: timeout.duration)
        let stored = row.stored
        if json {
            try StandardStreams.out(stored.json() + "\n")
        } else {
            try StandardStreams.out(MessageText.lines(row))
            try StandardStreams.out("    -- \(stored.message.key.text)\n")
        }
    }
}

extension MessageReference {
    /// The message, from the node.
    ///
    /// - Parameter name: what the client is called.
    /// - Throws: a report where there is none, or several may be meant; `BusError`.
    func row(at bus: BusOptions, name: String, timeout: Duration) async throws -> Row {
        let client = try bus.client(name: name, timeout: timeout)
        let finder = Finder(client: client, keys: bus.keys.store, timeout: timeout, takesNames: true)
        let (id, answer): (MessageID, Answer)
        do {
            id = try await finder.id(self)
            answer = try await client.query(.message(id), timeout: timeout)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        guard let row = try Answers.page(answer).rows.first else {
            throw FailureReport("there is no message \(id.hex)")
        }
        return row
    }
}
