import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct SendCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Sign a text and publish it.",
        discussion: Help.text(
            """
            Prints the message's id and the stores that committed it. Without --key the identity 'default' signs; it is \
            made at its first use. With --lines up to 100 messages are under way; the output has the order of the lines \
            and the exit status is the worst of them. Input is UTF-8, or UTF-16 that begins with a byte order mark.
            """, json: "id, stored (the stores that committed it), relayed (how many switches took it) and ms",
            examples: [
                "p2pmsg send \"hello\"", "p2pmsg send \"hello, gardeners\" --channel garden", "fortune | p2pmsg send -",
                "tail -f events.log | p2pmsg send --lines --key bot",
            ]))
    static let settings: [Setting] =
        [.channel, .key, .acks, .lines, .scheme] + NodeOptions.settings

    static let freeText = FreeText.text

    @Argument(help: "The text, or - for standard input.")
    var text: String?

    @Flag(help: ArgumentHelp(Setting.lines.help))
    var lines = false

    @Option(help: .of(.channel, "name"), transform: Channel.argument)
    var channel = Channel.tweets

    @Option(help: .of(.key, "name"))
    var key: String?

    @Option(help: .of(.scheme, "scheme", "(default: the key's)"))
    var scheme: Scheme?

    @Option(help: .of(.acks, "n", "(default: 1, or 0 on a node without store)"))
    var acks: UInt16?

    @OptionGroup var node: NodeOptions

    func validate() throws {
        if lines, let text, text != "-" {
            throw ValidationError("--lines reads the texts from standard input; it takes no TEXT")
        }
        if !lines, text == nil {
            throw ValidationError("what shall be sent? Give a TEXT, - for standard input, or --lines")
        }
    }

    func run() async throws {
        let store = node.bus.keys.store
        let identity = try Signer(store: store).identity(name: key, scheme: scheme, tell: tell)
        let name =
            identity.scheme == .ed25519 ? try store.nameClaim(of: key ?? Signer.defaultName(.ed25519)) : nil
        let composer = Composer(identity: identity, channel: channel, name: name)
        let status = lines ? try await sendLines(composer) : try await sendOne(composer)
        if status != .done { throw EndedWith(status: status) }
    }

    /// The text is checked before anything is connected: what is refused is refused without a router too.
    private func sendOne(_ composer: Composer) async throws -> ExitStatus {
        let input: LineSplitter.Line
        if let text, text != "-" {
            input = Composer.text(ofArgument: text)
        } else {
            input = Composer.text(ofInput: try await StandardInput.all(limit: Limits.textBytes))
        }
        let message = try composer.message(of: input, at: Timestamp.now)
        let (outcome, isUnkept) = try await node.withClient(of: "send") { client in
            async let verdict = question(client)
            return (await publish(message, with: client), await verdict)
        }
        let printer = printer
        printer.show(outcome, place: "")
        if let isUnkept, case .success(let sent) = outcome, sent.isNowhere { tell(isUnkept) }
        switch outcome {
        case .success(let sent): return max(sent.receipt.complete ? .done : .notAcknowledged, printer.finish())
        case .failure(let failure): return failure.report.status
        }
    }

    private func sendLines(_ composer: Composer) async throws -> ExitStatus {
        let printer = printer
        let status = try await node.withClient(of: "send") { client in
            async let verdict = question(client)
            let sender = LineSender(
                composer: composer, read: StandardInput.chunk, publish: { await publish($0, with: client) },
                print: { line, outcome in printer.show(outcome, place: "line \(line): ") }, now: { Timestamp.now })
            let status = await sender.run()
            _ = await verdict
            return status
        }
        return max(status, printer.finish())
    }

    /// Says so when no store of this node takes the channel; gives the sentence for when nobody else has taken it either.
    private func question(_ client: BusClient) async -> String? {
        await ChannelNotice(channel).tell(client, timeout: node.timeout)
    }

    private var printer: ReceiptPrinter { ReceiptPrinter(json: node.json, acks: acks.map(Int.init)) }

    private func publish(_ message: SignedMessage, with client: BusClient) async -> LineSender.Outcome {
        if let warning = LegacyText.warning(about: message) { tell(warning) }
        do throws(BusError) {
            return .success(try await client.send(message, acks: acks.map(Int.init), timeout: node.timeout))
        } catch {
            return .failure(
                SendFailure(Failures.sendReport(error), endsAll: [.noRouter, .keyRefused].contains(error.code)))
        }
    }
}
