import Foundation
import Messages
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

/// A store that cannot be used any longer.
@Suite(.timeLimit(.minutes(2))) struct FailureTests {
    @Test func aReceiver_whoseStoreTurnsOutToBeDamaged_endsWithTheSentence() async throws {
        let directory = try TemporaryDirectory()
        let bus = "ipc://\(directory.file("bus/router.ipc"))"
        let store = try Fixture.store(in: directory)
        // Receivers read the newest at their start: those are in memory.
        let messages = try Fixture.messages(2_000)
        try store.commit(messages)
        store.close()
        let router = try await FakeRouter.bind(bus)
        let running = try RunningReceiver(bus: bus, store: store.place)
        let client = try await FakeClient.connect(to: try await router.hello().hello)
        try damage(messages[700], in: store.place)
        let answer = try await client.ask(.message(messages[700].id))
        guard case .refused(let refusal) = answer.body else { return #expect(Bool(false), "\(answer)") }
        #expect(refusal.code == "store_damaged")
        let error = await #expect(throws: StoreError.self) { try await running.ended() }
        #expect(error?.message == refusal.text)
        await client.close()
        await router.close()
    }

    private func damage(_ message: SignedMessage, in path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        defer { try? file.close() }
        let bytes = try #require(try file.readToEnd())
        let text = try #require(bytes.range(of: Data(message.encoded()))).lowerBound
        try file.seek(toOffset: UInt64(text))
        try file.write(contentsOf: [bytes[text] ^ 1])
    }
}
