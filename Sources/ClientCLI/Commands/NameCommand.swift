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
    static let settings: [Setting] = [.key, .timeout, .json, .author] + BusOptions.settings

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

    @Option(help: ArgumentHelp(Setting.key.help, valueName: "name"))
    var key: String?

    @Option(help: ArgumentHelp(Setting.timeout.help, valueName: "duration"))
    var timeout = DurationArgument(seconds: 5)

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var bus: BusOptions

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
        let identity = try Signer(store: bus.keys.store).identity(name: key, scheme: .ed25519) {
            StandardStreams.error("p2pmsg: \($0)\n")
        }
        try bus.keys.store.setNameClaim(claim, of: key ?? Signer.defaultName(.ed25519))
        try print(identity.publicKey, AuthorName(claimed: claim.name, pinned: nil))
        StandardStreams.error("p2pmsg: your next message says so\n")
    }

    /// What a key is called: one's own as its next message will say, another as its newest message is shown here.
    private func show() async throws {
        let client = try bus.client(name: "p2pmsg name", timeout: timeout.duration)
        do {
            if let author { try await show(author, client) } else { try await showOwn(client) }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    private func show(_ author: KeyReference, _ client: BusClient) async throws {
        let finder = Finder(client: client, keys: bus.keys.store, timeout: timeout.duration, takesNames: true)
        let key = try await finder.key(author)
        try print(key, try await nameHere(of: key, client))
    }

    private func showOwn(_ client: BusClient) async throws {
        let store = bus.keys.store
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
            StandardStreams.error("p2pmsg: \(SafeText.line(error.message))\n")
        }
        try print(key, AuthorName(claimed: claim.name, pinned: pinned))
    }

    /// What its newest message that is shown says, and the operator.
    private func nameHere(of key: PublicKey, _ client: BusClient) async throws -> AuthorName {
        let newest = Query.Timeline(author: key, limit: 1)
        let answer = try await client.query(.timeline(newest), timeout: timeout.duration)
        return try Answers.page(answer).rows.first?.author ?? .none
    }

    private func print(_ key: PublicKey, _ name: AuthorName) throws(OutputError) {
        guard json else {
            return try StandardStreams.out("\(key.text)  \(MessageText.name(name) ?? "(no name)")\n")
        }
        var line = JSONWriter(.terminal)
        line.member("key", key.text)
        line.member("name", name.claimed?.text)
        line.member("pinned", name.pinned?.text)
        try StandardStreams.out(line.object + "\n")
    }
}
