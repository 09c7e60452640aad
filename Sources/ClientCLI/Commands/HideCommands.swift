import ArgumentParser
import Bus
import Messages
import ServiceRuntime

struct HideCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "hide", abstract: "Hide a message on this node.",
        discussion: """
            The message stays in the stores and is shown nowhere here; other nodes are not concerned. It may be hidden \
            before it arrives. `p2pmsg unhide` takes it back.
            """)
    static let settings: [Setting] = StoreOptions.settings + [.reason, .list]

    @Argument(help: "The message's id, 64 hex digits.")
    var id: MessageID?

    @Option(help: ArgumentHelp(Setting.reason.help, valueName: "text"))
    var reason = ""

    @Flag(help: "List the hidden messages.")
    var list = false

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if list == (id != nil) { throw ValidationError("give the ID of a message, or --list") }
    }

    func run() async throws {
        guard let id else { return try await RuleSetting.list(.hiddenMessage, options, command: "hide") }
        let rule = Rule(subject: .message(id), isActive: true, at: Timestamp.now, reason: reason)
        try await RuleSetting.set(rule, options, command: "hide")
    }
}

struct UnhideCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unhide", abstract: "Show a hidden message again.")
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: "The message's id, 64 hex digits.")
    var id: MessageID

    @OptionGroup var options: StoreOptions

    func run() async throws {
        let rule = Rule(subject: .message(id), isActive: false, at: Timestamp.now)
        try await RuleSetting.set(rule, options, command: "unhide")
    }
}
