import Messages
import Testing

@testable import RendererService

/// What authors are called, on the pages.
@Suite struct NamePageTests {
    private let key = Fixture.alice.publicKey
    private var short: String { MessageView.short(key) }

    private func fixture(claimed: String?, pinned: String? = nil) throws -> (Fixture, SignedMessage) {
        let fixture = try Fixture()
        let message = try Fixture.message("hello")
        fixture.wall.commit(
            message,
            author: AuthorName(
                claimed: try claimed.map { try DisplayName($0) }, pinned: try pinned.map { try DisplayName($0) }))
        return (fixture, message)
    }

    private func pages(_ message: SignedMessage) -> [String] {
        ["/tweets", "/authors/\(key.text)", "/tweets/\(message.id.hex)", "/search?q=hello"]
    }

    @Test func claimedName_standsBesideTheKey_onEveryPage() async throws {
        let (fixture, message) = try fixture(claimed: "Ada <b>")
        for path in pages(message) {
            let html = try await fixture.page(path)
            #expect(
                html.contains(#"<bdi class="name">Ada &lt;b&gt;</bdi> <span class="digits">\#(short)</span>"#),
                "\(path)")
            #expect(!html.contains(">name given here<"), "\(path)")
        }
        let author = try await fixture.page("/authors/\(key.text)")
        #expect(author.contains("<title>Messages by Ada &lt;b&gt; (\(short)) · p2pmsg</title>"))
        #expect(author.contains("The author chose this name"))
    }

    @Test func pinnedName_isMarkedAsTheOperators() async throws {
        let (fixture, message) = try fixture(claimed: "Ada", pinned: "my friend")
        for path in pages(message) {
            let html = try await fixture.page(path)
            #expect(html.contains(#"<bdi class="name">my friend</bdi>"#), "\(path)")
            #expect(html.contains(">name given here</span>"), "\(path)")
        }
        let author = try await fixture.page("/authors/\(key.text)")
        #expect(author.contains("The author uses the name “<bdi>Ada</bdi>”"))
    }

    @Test func nameThatAnotherHadFirst_isMarked_onEveryPage() async throws {
        let fixture = try Fixture()
        let message = try Fixture.message("hello")
        let first = Fixture.bob.publicKey
        fixture.wall.commit(
            message, author: AuthorName(claimed: try DisplayName("Ada"), pinned: nil, namesake: first))
        for path in pages(message) {
            let html = try await fixture.page(path)
            #expect(html.contains(">another’s name</span>"), "\(path)")
        }
        for path in ["/authors/\(key.text)", "/tweets/\(message.id.hex)"] {
            #expect(try await fixture.page(path).contains("href=\"/authors/\(first.text)\""), "\(path)")
        }
        #expect(try await fixture.page("/feed.atom").contains("Ada (\(short), another’s name)"))
    }

    @Test func authorWithoutAName_isShownByTheKeyAlone() async throws {
        let (fixture, message) = try fixture(claimed: nil)
        for path in pages(message) {
            let html = try await fixture.page(path)
            #expect(html.contains(#"</span><span class="digits">\#(short)</span></a>"#), "\(path)")
            #expect(!html.contains("class=\"name\""), "\(path)")
        }
    }

    @Test(arguments: ["atom", "rss", "json"])
    func feed_namesTheAuthorWithTheKey(_ format: String) async throws {
        let (fixture, _) = try fixture(claimed: "Ada")
        let feed = try await fixture.page("/feed.\(format)")
        #expect(feed.contains("Ada (\(short))"))
    }

    @Test func anotherName_isAnotherFragment() async throws {
        let (fixture, message) = try fixture(claimed: "Ada")
        #expect(try await fixture.page("/tweets").contains("Ada"))
        // The same message once more, as a store has it after the name was changed.
        fixture.wall.hide(message.id)
        let fragments = fixture.renderer.site.pages.fragments
        let renamed = fixture.wall.commit(
            message, author: AuthorName(claimed: try DisplayName("Countess"), pinned: nil))
        #expect(fragments.html(of: renamed.row).contains("Countess"))
    }
}
