import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct HideCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "hide", abstract: "Hide a message on this node.",
        discussion: Help.text(
            """
            The message stays in the stores and is shown nowhere here; other nodes are not concerned. It may be hidden \
            before it arrives. `p2pmsg unhide` takes it back. The reason stays until another one is given.
            """, json: Help.changed, examples: ["p2pmsg hide 3f2a90 --reason \"asked to\"", "p2pmsg hide --list"]))
    static let settings: [Setting] = StoreOptions.settings + [.reason, .list]

    @Argument(help: ArgumentHelp(MessageReference.help))
    var id: MessageReference?

    @Option(help: ArgumentHelp(Setting.reason.help, valueName: "text"))
    var reason: String?

    @Flag(help: "List the hidden messages.")
    var list = false

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if list == (id != nil) { throw ValidationError("give the ID of a message, or --list") }
        if let reason { try RuleSetting.check(reason: reason) }
    }

    func run() async throws {
        guard let id else { return try await RuleSetting.list(.hiddenMessage, options, command: "hide") }
        try await RuleSetting.set(options, command: "hide", keepsReason: reason == nil) { finder in
            Rule(subject: .message(try await finder.id(id)), isActive: true, at: Timestamp.now, reason: reason ?? "")
        }
    }
}

struct UnhideCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unhide", abstract: "Show a hidden message again.",
        discussion: Help.text(json: Help.changed, examples: ["p2pmsg unhide 3f2a90"]))
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: ArgumentHelp(MessageReference.help))
    var id: MessageReference

    @OptionGroup var options: StoreOptions

    func run() async throws {
        try await RuleSetting.set(options, command: "unhide") { finder in
            Rule(subject: .message(try await finder.id(id)), isActive: false, at: Timestamp.now)
        }
    }
}
