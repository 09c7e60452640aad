import Foundation
import Synchronization
import TestSupport

/// Somebody who has the page open: it was loaded once, and lives by its events. Like the page's script it comes back after
/// every end of the stream with the last event's id, and loads the page anew when it is told to.
final class Browser: Sendable {
    private struct State {
        var seen: Set<String> = []
        var loads = 0
    }

    private let http: HTTPClient
    private let state = Mutex(State())

    init(_ http: HTTPClient) {
        self.http = http
    }

    /// Ids of the messages that it shows.
    var seen: Set<String> { state.withLock { $0.seen } }
    /// How often the page was loaded anew because the stream said so.
    var loads: Int { state.withLock { $0.loads } }

    /// Until the task is cancelled.
    func run() async {
        var last: String?
        while !Task.isCancelled {
            do {
                if last == nil { last = try await load() }
                let stream = try await http.events("/events", headers: ["Last-Event-ID": last ?? ""])
                last = try await read(stream, last)
            } catch {
                guard await letPass(.milliseconds(500)) else { return }
            }
        }
    }

    /// - Returns: where the next stream goes on; nil: the page has to be loaded.
    private func read(_ stream: HTTPClient.EventStream, _ last: String?) async throws -> String? {
        var last = last
        var next = 0
        while let event = await stream.first(from: next, within: .seconds(60)) {
            next += 1
            last = event.id ?? last
            if event.name == "reset" {
                state.withLock { $0.loads += 1 }
                return nil
            }
            // Too many to be told one by one: the page has them.
            if event.name == "new" { _ = try await load() }
            if event.name == "message", let id = try JSON(parsing: event.data)["id"].string {
                state.withLock { _ = $0.seen.insert(id) }
            }
            if Task.isCancelled { break }
        }
        return last
    }

    /// Loads the page: what it shows now, down to what was there already.
    /// - Returns: the place at which its events go on.
    private func load() async throws -> String? {
        let page = try await http.get("/tweets")
        let known = seen
        let shown = try await Wall.messages(of: http) { ids in known.isSuperset(of: ids) }
        state.withLock { $0.seen.formUnion(shown) }
        return page.body.firstMatch(of: /data-last="([^"]*)"/).map { String($0.1) }
    }
}
