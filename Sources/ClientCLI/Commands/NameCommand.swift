import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct NameCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "name", abstract: "Say what you are called, or see what a key is called here.",
        discussion: """
            With a NAME it publishes a message that claims it, signed by your key, and every later message of that key says \
            so, too. A name proves nothing: two authors may claim the same, so readers see the key beside it. What this \
            node's operator calls a key (see `p2pmsg pin`) stands above what its author claims.
            """)
    static let settings: [Setting] = [.channel, .key, .timeout, .json, .author] + BusOptions.settings

    @Argument(help: ArgumentHelp("What you want to be called.", valueName: "name"))
    var words: [String] = []

    @Flag(help: "Take back what you were called.")
    var clear = false

    @Option(help: ArgumentHelp("Show what this public key is called here, instead of your own.", valueName: "key"))
    var author: PublicKey?

    @Option(help: ArgumentHelp(Setting.channel.help, valueName: "name"), transform: ChannelArgument.init(text:))
    var channel = ChannelArgument.tweets

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
        let text =
            switch claim {
            case .called(let name): "My name is \(name)."
            case .nobody: "I have no name any more."
            }
        let message: SignedMessage
        do {
            message = try identity.sign(text, channel: channel.channel, at: Timestamp.now, extra: claim.signals)
        } catch {
            throw FailureReport(error.message, status: .refused)
        }
        let receipt = try await publish(message)
        // What nobody heard is not kept: it would turn up with a later message.
        if receipt.stored.isEmpty, receipt.relayed == 0, let shortfall = receipt.shortfall(acks: nil) {
            throw shortfall
        }
        try bus.keys.store.setNameClaim(claim, of: key ?? Signer.defaultName(.ed25519))
        StandardStreams.out((json ? receipt.json : receipt.text) + "\n")
        if let shortfall = receipt.shortfall(acks: nil) { throw shortfall }
    }

    private func publish(_ message: SignedMessage) async throws -> SentMessage {
        let client = try bus.client(name: "p2pmsg name", timeout: timeout.duration)
        do throws(BusError) {
            let sent = try await client.send(message, timeout: timeout.duration)
            await client.close()
            return sent
        } catch {
            await client.close()
            throw Failures.sendReport(error)
        }
    }

    /// What a key is called: as its newest message is shown here.
    private func show() async throws {
        let key = try author ?? bus.keys.store.load(self.key ?? KeyStore.defaultName).publicKey
        let client = try bus.client(name: "p2pmsg name", timeout: timeout.duration)
        let answer: Answer
        do throws(BusError) {
            let newest = Query.Timeline(author: key, limit: 1)
            answer = try await client.query(.timeline(newest), timeout: timeout.duration)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        let name = try Answers.page(answer).rows.first?.author ?? .none
        StandardStreams.out(json ? Self.json(key, name) : "\(key.text)  \(MessageText.name(name) ?? "(no name)")\n")
    }

    private static func json(_ key: PublicKey, _ name: AuthorName) -> String {
        var line = JSONLine()
        line.add("key", key.text)
        line.add("name", name.claimed?.text)
        line.add("pinned", name.pinned?.text)
        return line.text + "\n"
    }
}
