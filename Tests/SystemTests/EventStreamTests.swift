import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Live events of a node whose services come and go.
    @Suite("Event streams", .timeLimit(.minutes(2)))
    struct EventStreamTests {
        /// Its feed begins a moment later, and ends the streams that were there before.
        @Test func stream_ofARendererThatHasJustStarted_losesNothing() async throws {
            let node = try await ServicesNode.start()
            for round in 0..<3 {
                try node.process(.renderer).signal(SIGTERM)
                _ = try await node.process(.renderer).waitForExit(within: .seconds(5))
                try node.start(.renderer)
                let stream = try await eventually("the renderer listens", within: .seconds(10)) {
                    try? await node.http.events("/events")
                }
                let place = try #require(await stream.firstID(within: .seconds(5)))
                let sent = try await node.site.run(Binaries.client, ["send", "round \(round)", "--json"])
                let id = try #require(try sent.json().first?["id"].string, "\(sent.errorText)")
                if await stream.first(within: .seconds(2), where: { $0.data.contains(id) }) == nil {
                    #expect(stream.isFinished, "an open stream has it")
                    _ = try await node.http.event("/events", after: stream.lastID, within: .seconds(10)) {
                        $0.data.contains(id)
                    }
                }
                // From where it began everything is there, whoever asks.
                _ = try await node.http.event("/events", after: place, within: .seconds(10)) { $0.data.contains(id) }
            }
        }
    }
}
