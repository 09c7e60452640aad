import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct BlockCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "block", abstract: "Show and take nothing of a key on this node any more.",
        discussion: Help.text(
            """
            What the author has written is hidden, and what comes is refused; other nodes are not concerned. \
            `p2pmsg unblock` takes it back: what was stored before is then shown again. The reason stays until another one \
            is given.
            """, json: Help.changed, examples: ["p2pmsg block ed25519:pQz4Kd --reason spam", "p2pmsg block --list"]))
    static let settings: [Setting] = StoreOptions.settings + [.reason, .list]

    @Argument(help: ArgumentHelp(KeyReference.help))
    var key: KeyReference?

    @Option(help: ArgumentHelp(Setting.reason.help, valueName: "text"))
    var reason: String?

    @Flag(help: "List the blocked keys.")
    var list = false

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if list == (key != nil) { throw ValidationError("give a KEY, or --list") }
        if let reason { try RuleSetting.check(reason: reason) }
    }

    func run() async throws {
        guard let key else { return try await RuleSetting.list(.blockedKey, options, command: "block") }
        try await RuleSetting.set(options, command: "block", keepsReason: reason == nil) { finder in
            Rule(subject: .key(try await finder.key(key)), isActive: true, at: Timestamp.now, reason: reason ?? "")
        }
    }
}

struct UnblockCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Take back that a key is blocked.",
        discussion: Help.text(json: Help.changed, examples: ["p2pmsg unblock ed25519:pQz4Kd"]))
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: ArgumentHelp(KeyReference.help))
    var key: KeyReference

    @OptionGroup var options: StoreOptions

    func run() async throws {
        try await RuleSetting.set(options, command: "unblock") { finder in
            Rule(subject: .key(try await finder.key(key)), isActive: false, at: Timestamp.now)
        }
    }
}
