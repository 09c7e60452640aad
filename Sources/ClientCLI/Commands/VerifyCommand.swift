import ArgumentParser
import BusClient
import Messages
import ServiceRuntime

struct VerifyCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check the signature of a message.",
        discussion: Help.text(
            """
            Takes the message with this id from the node; without an id it reads one message as JSON on standard input, of \
            which only its "signals" are needed, and asks no node. Exit status: 0 the signature holds, 3 it does not, 1 the \
            input is no message, or there is none with this id.
            """, json: "valid, id, scheme, weak, key, code and reason",
            examples: ["p2pmsg verify 3f2a90", "p2pmsg verify < message.json"]))
    static let settings: [Setting] = NodeOptions.settings

    @Argument(help: ArgumentHelp(MessageReference.help), transform: MessageReference.argument)
    var id: MessageReference?

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let verdict =
            if let id {
                Verdict(on: try await node.row(of: id, for: "verify").stored.message)
            } else {
                try Verdict(of: try await StandardInput.document("the message"))
            }
        try StandardStreams.out((node.json ? verdict.json : verdict.text) + "\n")
        if !verdict.isValid { throw EndedWith(status: .refused) }
    }
}
