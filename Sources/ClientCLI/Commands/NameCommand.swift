import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime
import TelehashWire

struct NameCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "name", abstract: "Say what you are called, or see what a key is called here.",
        discussion: Help.text(
            """
            With a NAME your next message claims it, signed by your key, and so does every later one of that key; nothing is \
            published before. A name proves nothing: two authors may claim the same, so readers see the key beside it. What \
            this node's operator calls a key (see `p2pmsg pin`) stands above what its author claims.
            """, json: "key, name (what it claims) and pinned (what the operator calls it), null where there is none",
            examples: ["p2pmsg name Ada Lovelace", "p2pmsg name", "p2pmsg name --clear"]))
    static let settings: [Setting] = [.key, .author] + NodeOptions.settings

    static let freeText = FreeText.text

    @Argument(help: ArgumentHelp("What you want to be called.", valueName: "name"))
    var words: [String] = []

    @Flag(help: "Take back what you were called.")
    var clear = false

    @Option(
        help: ArgumentHelp(
            "Show what this author is called here, instead of yourself: a key, its first digits, or a name.",
            valueName: "key"))
    var author: KeyReference?

    @Option(help: .of(.key, "name"))
    var key: String?

    @OptionGroup var node: NodeOptions

    func validate() throws {
        _ = try claim()
        if author != nil, clear || !words.isEmpty {
            throw ValidationError("--author shows a name; use `p2pmsg pin` to give one to somebody else's key")
        }
    }

    /// Nil where a name is only asked for.
    private func claim() throws -> SignedMessage.NameClaim? {
        guard !words.isEmpty else { return clear ? .nobody : nil }
        guard !clear else { throw ValidationError("give a NAME, or --clear") }
        return .called(try Self.name(words))
    }

    static func name(_ words: [String]) throws -> DisplayName {
        do { return try DisplayName(typed: words.joined(separator: " ")) } catch { throw ValidationError("\(error)") }
    }

    func run() async throws {
        guard let claim = try claim() else { return try await show() }
        let identity = try Signer(store: store).identity(name: key, scheme: .ed25519, tell: tell)
        try store.setNameClaim(claim, of: key ?? Signer.defaultName(.ed25519))
        try print(identity.publicKey, AuthorName(claimed: claim.name, pinned: nil))
        tell("your next message says so")
    }

    /// What a key is called: one's own as its next message will say, another as its newest message is shown here.
    private func show() async throws {
        try await node.withClient(of: "name") { client in
            guard let author else { return try await showOwn(client) }
            let key = try await node.finder(client).key(author)
            try print(key, try await nameHere(of: key, client))
        }
    }

    private var store: KeyStore { node.bus.keys.store }

    private func showOwn(_ client: BusClient) async throws {
        let name = key ?? KeyStore.defaultName
        let key = try store.load(name).publicKey
        guard let claim = try store.nameClaim(of: name) else {
            return try print(key, try await nameHere(of: key, client))
        }
        // What one's own messages will say is known without a node.
        var pinned: DisplayName?
        do {
            pinned = try await nameHere(of: key, client).pinned
        } catch let error as BusError {
            tell(SafeText.line(error.message))
        }
        try print(key, AuthorName(claimed: claim.name, pinned: pinned))
    }

    /// What its newest message that is shown says, and the operator.
    private func nameHere(of key: PublicKey, _ client: BusClient) async throws -> AuthorName {
        let newest = Query.Timeline(author: key, limit: 1)
        let page = try await client.query(.timeline(newest), timeout: node.timeout).value(\.page)
        return page.rows.first?.author ?? .none
    }

    private func print(_ key: PublicKey, _ name: AuthorName) throws(OutputError) {
        guard node.json else {
            return try StandardStreams.out("\(key.text)  \(MessageText.name(name) ?? "(no name)")\n")
        }
        var line = JSONWriter(.terminal)
        line.member("key", key.text)
        line.member("name", name.claimed?.text)
        line.member("pinned", name.pinned?.text)
        try StandardStreams.out(line.object + "\n")
    }
}
