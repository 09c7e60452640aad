import Foundation
import Messages
import TestSupport
import Testing

@testable import RendererService

/// For looking at the pages with a browser: `P2PMSG_PREVIEW_PORT=8080 swift test --filter Preview` serves a model's wall
/// until it is stopped. A line on standard input becomes a new message.
@Suite struct PreviewTests {
    private static let port = ProcessInfo.processInfo.environment["P2PMSG_PREVIEW_PORT"].flatMap { Int($0) }

    @Test(.enabled(if: port != nil)) func preview() async throws {
        let fixture = try Fixture()
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let authors = (0..<5).map { _ in Identity.generate(.ed25519) }
        for (index, text) in (Preview.texts + hostileTexts).enumerated() {
            let at = now - Int64(index * index + 1) * 97_000
            fixture.wall.commit(
                try Fixture.message(
                    text, by: authors[index * 7 % 5], on: index == 5 ? try Channel("gardening") : .tweets, at: at),
                receivedAt: index == 4 ? now : at + 900)
        }
        fixture.wall.commit(try Fixture.legacyMessage(), receivedAt: now - 300_000)
        for index in 0..<80 {
            fixture.wall.commit(
                try Fixture.message(
                    "Older message \(index)", by: authors[index % 5], at: now - 90_000_000 - Int64(index) * 60_000))
        }
        let face = fixture.renderer.face(at: .ip(host: "127.0.0.1", port: Self.port ?? 0))
        async let feeding: Void = fixture.renderer.hub.run()
        async let typing: Void = Task.detached {
            while let line = readLine() {
                fixture.wall.commit(
                    try Fixture.message(line, by: authors[1], at: Int64(Date().timeIntervalSince1970 * 1000)))
            }
        }.value
        try await face.run()
        _ = try await (feeding, typing)
    }
}

private enum Preview {
    static let texts = [
        "Good morning from the mesh. This one crossed three nodes, and none of them could have changed a letter of it.",
        "The tram to the harbour runs again from Monday: https://example.org/lines/4?from=market&to=harbour.\n\nLast one at 23:40.",
        "+1", "مرحبا بالعالم، هذه رسالة قصيرة على الجدار الذي لا يملكه أحد",
        "Wrote this on the train without a network. It came along when the train did.",
        "Tomatoes want less water than you think.",
        "Le mur n’appartient à personne — c’est bien là tout l’intérêt. 👩‍👩‍👧‍👦",
        String(repeating: "a", count: 320),
        "A poem:\n\n  whoever asks\n    gets an answer,\n  whoever waits\n    gets the rest\n",
        "Zalgo: H̸̡̪̯ͨ͊̽̅̾̎Ȩ̬̩̾͛ͪ̈́̀́͘ ̶̧̨̱̹̭̯ͧ̾ͬC̷̙̲̝͖ͭ̏ͥͮ͟Oͮ͏̮̪̝͍M̲̖͊̒ͪͩͬ̚̚͜Ȇ̴̟̟͙̞ͩ͌͝S̨̥̫͎̭ͯ̿̔̀ͅ",
        "壁は誰のものでもない。だから、誰でも書ける。",
    ]
}
