import ArgumentParser
import Messages
import ServiceRuntime

struct VerifyCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check the signature of a message.",
        discussion: Help.text(
            """
            Reads one message as JSON on standard input; only its "signals" are needed. Exit status: 0 the signature \
            holds, 3 it does not, 1 the input is no message.
            """, json: "valid, id, scheme, weak, key, code and reason",
            examples: ["p2pmsg show 3f2a90 --json | p2pmsg verify"]))
    static let settings: [Setting] = [.json]

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let input = try await StandardInput.document("the message")
        let verdict = try Verdict(of: input)
        try StandardStreams.out((json ? verdict.json : verdict.text) + "\n")
        if !verdict.isValid { throw EndedWith(status: .refused) }
    }
}
