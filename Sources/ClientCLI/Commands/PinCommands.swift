import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct PinCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin", abstract: "Call a key by a name of your own on this node.",
        discussion: Help.text(
            """
            The name stands above what the author claims, and is marked as the operator's; other nodes are not concerned. \
            `p2pmsg unpin` takes it back.
            """, json: "store; with --list store, key, at and name",
            examples: ["p2pmsg pin ed25519:pQz4Kd Ada from work", "p2pmsg pin --list"]))
    static let settings: [Setting] = StoreOptions.settings + [.list]

    static let freeText = FreeText.text

    @Argument(help: ArgumentHelp(KeyReference.help))
    var key: KeyReference?

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
        let name = try NameCommand.name(words)
        try await RuleSetting.set(options, command: "pin") { finder in
            Rule(calling: try await finder.key(key), name, at: Timestamp.now)
        }
    }
}

struct UnpinCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin", abstract: "Take back the name that this node gave to a key.",
        discussion: Help.text(json: "store", examples: ["p2pmsg unpin ed25519:pQz4Kd"]))
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: ArgumentHelp(KeyReference.help))
    var key: KeyReference

    @OptionGroup var options: StoreOptions

    func run() async throws {
        try await RuleSetting.set(options, command: "unpin") { finder in
            Rule(subject: .name(of: try await finder.key(key)), isActive: false, at: Timestamp.now)
        }
    }
}
