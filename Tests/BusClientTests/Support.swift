import Bus
import BusClient
import Messages
import Synchronization
import TelehashWire
import TestSupport

/// A directory with the address of a bus in it.
struct BusSite: Sendable {
    let directory: TemporaryDirectory
    var bus: String { "ipc://" + directory.file("router.ipc") }

    init() throws { directory = try TemporaryDirectory() }
}

/// Makes messages. Nobody on the way checks signatures, and making one costs a debug build milliseconds, so all have the
/// first one's.
struct Author: Sendable {
    private let signals: Signals
    private let counter = Shared<Int64>(1_700_000_000_000)

    init() throws {
        signals = try Identity.generate(.ed25519).sign("template", channel: .tweets, at: 1).signals
    }

    func message(_ text: String) throws -> SignedMessage {
        counter.change { $0 += 1 }
        var signals = signals
        signals["+message"] = text
        signals["+at"] = String(counter.value)
        return try SignedMessage(signals: signals)
    }

    func messages(_ count: Int) throws -> [SignedMessage] { try (0..<count).map { try message("message \($0)") } }
}

/// The error of a body, and how long it took.
func busError(_ body: () async throws -> Void) async -> (error: BusError?, duration: Duration) {
    let start = ContinuousClock.now
    do { try await body() } catch { return (error as? BusError, .now - start) }
    return (nil, .now - start)
}

/// What a stream gives, collected by a task, for tests to await.
final class Collected<Element: Sendable>: Sendable {
    let events = Mailbox<Element>()
    private let task: Task<Void, Never>

    init(_ stream: AsyncStream<Element>) {
        task = Task { [events] in
            for await event in stream { events.append(event) }
            events.finish()
        }
    }

    func cancel() { task.cancel() }
}

extension Collected where Element == FeedEvent {
    var messages: [FeedMessage] {
        events.all.flatMap { event -> [FeedMessage] in
            if case .messages(let messages) = event { messages } else { [] }
        }
    }

    /// Waits until so many messages have come.
    func wait(for count: Int, within limit: Duration = .seconds(8)) async throws {
        try await eventually("\(count) messages come", within: limit) { self.messages.count >= count }
    }
}

extension Mailbox {
    /// Waits until there are so many elements; false when the time is over or nothing more will come.
    func reached(_ wanted: Int, within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while count < wanted {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, await first(from: count, within: left) != nil else { return count >= wanted }
        }
        return true
    }
}
