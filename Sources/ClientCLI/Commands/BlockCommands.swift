import ArgumentParser
import Bus
import Messages
import ServiceRuntime

struct BlockCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "block", abstract: "Show and take nothing of a key on this node any more.",
        discussion: """
            What the author has written is hidden, and what comes is refused; other nodes are not concerned. \
            `p2pmsg unblock` takes it back: what was stored before is then shown again.
            """)
    static let settings: [Setting] = StoreOptions.settings + [.reason, .list]

    @Argument(help: "The author's public key.")
    var key: PublicKey?

    @Option(help: ArgumentHelp(Setting.reason.help, valueName: "text"))
    var reason = ""

    @Flag(help: "List the blocked keys.")
    var list = false

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if list == (key != nil) { throw ValidationError("give a KEY, or --list") }
    }

    func run() async throws {
        guard let key else { return try await RuleSetting.list(.blockedKey, options, command: "block") }
        let rule = Rule(subject: .key(key), isActive: true, at: Timestamp.now, reason: reason)
        try await RuleSetting.set(rule, options, command: "block")
    }
}

struct UnblockCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Take back that a key is blocked.")
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: "The author's public key.")
    var key: PublicKey

    @OptionGroup var options: StoreOptions

    func run() async throws {
        let rule = Rule(subject: .key(key), isActive: false, at: Timestamp.now)
        try await RuleSetting.set(rule, options, command: "unblock")
    }
}
