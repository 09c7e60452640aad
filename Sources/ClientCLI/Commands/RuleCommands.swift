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

    @Argument(help: ArgumentHelp(MessageReference.help), transform: MessageReference.argument)
    var id: MessageReference?

    @Option(help: .of(.reason, "text"))
    var reason: String?

    @Flag(help: "List the hidden messages.")
    var list = false

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if list == (id != nil) { throw ValidationError("give the ID of a message, or --list") }
        try checkLength(ofReason: reason)
    }

    func run() async throws {
        guard let id else { return try await options.list(.hiddenMessage, as: "hide") }
        try await options.set(as: "hide", keepsReason: reason == nil) { finder in
            Rule(subject: .message(try await finder.id(id)), isActive: true, at: Timestamp.now, reason: reason ?? "")
        }
    }
}

struct UnhideCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unhide", abstract: "Show a hidden message again.",
        discussion: Help.text(json: Help.changed, examples: ["p2pmsg unhide 3f2a90"]))
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: ArgumentHelp(MessageReference.help), transform: MessageReference.argument)
    var id: MessageReference

    @OptionGroup var options: StoreOptions

    func run() async throws {
        try await options.set(as: "unhide") { finder in
            Rule(subject: .message(try await finder.id(id)), isActive: false, at: Timestamp.now)
        }
    }
}

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

    @Option(help: .of(.reason, "text"))
    var reason: String?

    @Flag(help: "List the blocked keys.")
    var list = false

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if list == (key != nil) { throw ValidationError("give a KEY, or --list") }
        try checkLength(ofReason: reason)
    }

    func run() async throws {
        guard let key else { return try await options.list(.blockedKey, as: "block") }
        try await options.set(as: "block", keepsReason: reason == nil) { finder in
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
        try await options.set(as: "unblock") { finder in
            Rule(subject: .key(try await finder.key(key)), isActive: false, at: Timestamp.now)
        }
    }
}

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
        guard let key else { return try await options.list(.pinnedName, as: "pin") }
        let name = try NameCommand.name(words)
        try await options.set(as: "pin") { finder in
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
        try await options.set(as: "unpin") { finder in
            Rule(subject: .name(of: try await finder.key(key)), isActive: false, at: Timestamp.now)
        }
    }
}

/// - Throws: what the parser says of a wrong command line.
private func checkLength(ofReason reason: String?) throws {
    if let reason, reason.utf8.count > BusLimits.reasonBytes {
        throw ValidationError("--reason has at most \(BusLimits.reasonBytes) bytes")
    }
}
