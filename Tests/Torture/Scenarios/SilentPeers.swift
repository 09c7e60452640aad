import ArgumentParser
import Bus
import BusClient
import Messages
import TestSupport
import ZeroMQ

/// Peers that ask and listen, and never read what they are told.
struct SilentPeers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Clients, followers and subscribers that never read cost memory that is bounded, and nobody else anything.")

    @Option(help: "Peers of each kind.")
    var peers = 3

    @Option(help: "Seconds of load with them.")
    var seconds = 20.0

    @OptionGroup var load: LoadOptions

    /// Bytes that a process may have resident at any time.
    private static let (routerMemory, receiverMemory) = (64 << 20, 128 << 20)

    func run() async throws {
        var findings = Findings("silent-peers")
        let stage = try await Stage.open(Stage.Cast(receivers: [1], renderers: 0))
        let client = try BusClient(bus: stage.site.bus, name: "filler")
        let messages = try await fill(client)
        guard let receiver = try await client.directory().receivers.first else { throw NotInTime("no receiver") }
        let watching = [stage.router, stage.receivers[0]].map { number in
            Task { await stage.watchMemory(of: number) }
        }
        let ledger = Ledger()
        let (before, during) = try await underLoad(load, on: stage, into: ledger) {
            let before = try await Phase.lasting { try await letTimePass(.seconds(seconds / 4)) }
            let loop = try Loop(name: "silent")
            try await loop.run { [peers] context in
                for _ in 0..<peers {
                    try Mutes(in: context).open(bus: stage.site.bus, receiver: receiver, messages: messages)
                }
            }
            let during = try await Phase.lasting { try await letTimePass(.seconds(seconds)) }
            await loop.shutdown(linger: .zero)
            return (before, during)
        }
        for (watch, (name, limit)) in zip(watching, [("router", Self.routerMemory), ("receiver", Self.receiverMemory)])
        {
            watch.cancel()
            let most = await watch.value
            findings.record(
                "most memory of the \(name)", "\(most >> 20) MB", goal: "\(limit >> 20) MB", holds: most <= limit)
        }
        let dropped = try await stage.metric("answers_dropped_total", of: stage.receivers[0])
        // Often none: heartbeats end a connection that is full before that many wait for it.
        findings.mention("answers that found no place", "\(dropped)")
        let congested = try await stage.metric("bus_congested_total", of: stage.router)
        findings.mention("messages that found no place", "\(congested)")
        let (normal, slow) = (ledger.times(in: before), ledger.times(in: during))
        findings.mention("publishers before", normal.summary)
        findings.mention("publishers meanwhile", slow.summary)
        await client.close()
        try await Audit.run(on: stage, ledger, into: &findings)
        try findings.conclude()
    }

    /// Long messages, so that answers are large.
    private func fill(_ client: BusClient) async throws -> [SignedMessage] {
        let identity = Identity.generate(.ed25519)
        let text = String(repeating: "a long text ", count: 70)
        var messages: [SignedMessage] = []
        for number in 0..<500 {
            let message = try identity.sign(text + "\(number)", channel: .tweets, at: Timestamp.now)
            _ = try await client.publish(message, acks: 1, from: .commandLine, timeout: .seconds(30))
            messages.append(message)
        }
        return messages
    }
}

/// Sockets of one thread that send and never read.
private struct Mutes {
    let context: LoopContext

    init(in context: LoopContext) {
        self.context = context
    }

    func open(bus: String, receiver: Directory.Entry, messages: [SignedMessage]) throws {
        var number: UInt64 = 0
        // Each is stored already, so that a receipt comes at once.
        try talk(to: bus, every: .milliseconds(10)) {
            (0..<20).map { _ in
                number += 1
                let message = messages[Int(number) % messages.count]
                return .publish(
                    Publish(request: RequestID(number), acks: 1, waitMilliseconds: 5_000, message: message))
            }
        }
        try talk(to: bus, every: .milliseconds(500)) { [.follow(RequestID(1), ends: [Channel.tweets.end])] }
        try talk(to: receiver.queryEndpoint, every: .milliseconds(50)) {
            number += 1
            return [.query(RequestID(number), .after(position: 0, limit: UInt32(BusLimits.pageRows)))]
        }
        var silent = SocketOptions()
        silent.hasHeartbeat = false
        let feed = try context.socket(.sub, silent)
        try feed.subscribe(to: BusMessage.topic)
        try feed.connect(receiver.feedEndpoint)
    }

    private func talk(to endpoint: String, every pause: Duration, _ messages: @escaping () -> [BusMessage]) throws {
        var options = SocketOptions()
        options.receiveHighWater = 1
        // With them libzmq ends the process of a peer whose queue is full (its issue 3937).
        options.hasHeartbeat = false
        let socket = try context.socket(.dealer, options)
        try socket.connect(endpoint)
        context.every(pause) {
            for message in messages() where socket.send(message.frames()) != .sent { return }
        }
    }
}
