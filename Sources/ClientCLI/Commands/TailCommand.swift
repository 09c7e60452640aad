import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct TailCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Follow live messages, straight from the router.",
        discussion: Help.text(
            """
            Follows the channel tweets where no --channel is given; several are followed with several of them. Checks every \
            signature itself and stores nothing. Ends after --count messages (0), after --wait (0 without \
            --count, 4 when fewer than --count came), else never.
            """, json: Help.message,
            examples: ["p2pmsg tail", "p2pmsg tail --channel garden --count 1 --wait 1m --json"]))
    static let settings: [Setting] = BusOptions.settings + [.followed, .count, .wait, .json]

    @Option(
        name: .customLong("channel"),
        help: .of(.followed, "name", "(default: tweets)"),
        transform: Channel.argument)
    var channels: [Channel] = []

    @Option(help: .of(.count, "n"))
    var count: Int?

    @Option(help: .of(.wait, "duration"), transform: DurationText.parsePositive)
    var wait: Duration?

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var bus: BusOptions

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1") }
    }

    func run() async throws {
        let followed = channels.isEmpty ? [Channel.tweets] : channels
        let tail = Tail(
            channels: followed, isChosen: !channels.isEmpty, wanted: count, json: json, bus: bus.endpoint)
        let seen = try await bus.withClient(of: "tail", timeout: wait) { client in
            let events = client.follow(channels: followed)
            let greeting = Task { await tail.greet(client) }
            defer { greeting.cancel() }
            return try await watch(tail, events)
        }
        if let count, (seen ?? 0) < count {
            let after = wait.map { " within \(DurationText.describe($0))" } ?? ""
            throw FailureReport(
                "only \(seen ?? 0) of \(counted(count, "message")) came\(after)", status: .notAcknowledged)
        }
    }

    private func watch(_ tail: Tail, _ events: AsyncStream<FollowEvent>) async throws -> Int? {
        try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask { try await tail.print(events) }
            if let wait {
                group.addTask {
                    try? await Task.sleep(for: wait)
                    return nil
                }
            }
            // The first to end decides; the other one is told to end.
            let first = try await group.next() ?? nil
            group.cancelAll()
            guard first == nil else { return first }
            return try await group.next() ?? nil
        }
    }
}

struct Tail: Sendable {
    let channels: [Channel]
    /// Whether somebody said which channels.
    let isChosen: Bool
    let wanted: Int?
    let json: Bool
    let bus: String

    /// Says that the router follows. It works on one request of a client after the other, so its answer to a later one
    /// means that it knows what we follow.
    func greet(_ client: BusClient) async {
        do throws(BusError) {
            let directory = try await client.directory(timeout: Limits.greeting)
            tell(greeting(kept: directory.receivers.flatMap(\.channels)))
        } catch {
            // That there is no router was said before.
            if ![.closed, .cancelled, .noRouter].contains(error.code) { tell(SafeText.line(error.message)) }
        }
    }

    /// - Parameter kept: the channels that this node takes.
    func greeting(kept: [Channel]) -> String {
        let following = "following " + channels.map { SafeText.line($0.name) }.joined(separator: ", ")
        guard !isChosen else { return following }
        let others = Set(kept.map(\.name)).subtracting(channels.map(\.name)).sorted()
        let these = others.isEmpty ? "" : " (this node also takes \(others.map(SafeText.line).joined(separator: ", ")))"
        return following + "; --channel NAME follows another channel instead\(these)"
    }

    /// - Returns: how many messages were printed when the stream or the count ended.
    func print(_ events: AsyncStream<FollowEvent>) async throws(OutputError) -> Int {
        var shown = 0
        var invalid = 0
        for await event in events {
            switch event {
            case .message(let message, let receivedAt):
                guard isAcceptable(message) else {
                    invalid += 1
                    if invalid == 1 { tell("a message with a wrong signature came; such messages are not shown") }
                    continue
                }
                try show(message, receivedAt: receivedAt)
                shown += 1
            case .routerLost: tell("the router at \(bus) does not answer; waiting for it")
            case .routerBack: tell("the router is back")
            case .missed(let count): tell("not shown, as it came too fast: \(counted(count, "message"))")
            }
            if shown == wanted { break }
        }
        if invalid > 1 { tell("\(counted(invalid, "message")) with wrong signatures were not shown") }
        return shown
    }

    private func isAcceptable(_ message: SignedMessage) -> Bool {
        (try? message.checkTime(now: Timestamp.now)) != nil && message.isSignatureValid()
    }

    private func show(_ message: SignedMessage, receivedAt: Int64) throws(OutputError) {
        let channel = channels.first { $0.end == message.end }?.name
        try StandardStreams.out(
            json
                ? message.json(channel: channel, receivedAt: receivedAt) + "\n"
                : MessageText.lines(
                    message, channel: channel, receivedAt: receivedAt,
                    author: AuthorName(claimed: message.nameClaim?.name, pinned: nil)))
    }
}
