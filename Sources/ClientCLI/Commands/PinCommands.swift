import ArgumentParser
import Bus
import Messages
import ServiceRuntime

struct PinCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin", abstract: "Call a key by a name of your own on this node.",
        discussion: """
            The name stands above what the author claims, and is marked as the operator's; other nodes are not concerned. \
            `p2pmsg unpin` takes it back.
            """)
    static let settings: [Setting] = StoreOptions.settings + [.list]

    static let freeText = FreeText.text

    @Argument(help: "The author's public key.")
    var key: PublicKey?

    @Argument(help: ArgumentHelp("What to call it.", valueName: "name"))
    var words: [String] = []

    @Flag(help: "List the pinned names.")
    var list = false

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if list == (key != nil) || list != words.isEmpty { throw ValidationError("give a KEY and a NAME, or --list") }
        if !list { _ = try NameCommand.name(words) }
    }

    func run() async throws {
        guard let key else { return try await RuleSetting.list(.pinnedName, options, command: "pin") }
        let rule = Rule(calling: key, try NameCommand.name(words), at: Timestamp.now)
        try await RuleSetting.set(rule, options, command: "pin")
    }
}

struct UnpinCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin", abstract: "Take back the name that this node gave to a key.")
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: "The author's public key.")
    var key: PublicKey

    @OptionGroup var options: StoreOptions

    func run() async throws {
        let rule = Rule(subject: .name(of: key), isActive: false, at: Timestamp.now)
        try await RuleSetting.set(rule, options, command: "unpin")
    }
}
