import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// What readers keep out of their own sight, in a real Chromium.
    @Suite(
        "Muting", .timeLimit(.minutes(3)),
        .enabled(if: WebDriver.isInstalled, "Tests/run installs Chromium where it may"))
    struct MuteTests {
        private static let everything = ["mine 2", "theirs 2", "theirs 1", "mine 1", "the feed is there"]
        private static let withoutTheirs = [
            "mine 2", "2 messages that you muted · Show", "mine 1", "the feed is there",
        ]

        @Test func author_isMuted_shownForNow_andShownAgain() async throws {
            let scene = try await MuteScene.start()
            #expect(try await scene.look() == Self.everything)
            #expect(try await scene.foot() == "What you mute")
            #expect(try await !scene.node.page().lowercased().contains("mute"), "it needs the script")

            try await scene.choose("Mute this author", by: scene.key)
            #expect(try await scene.look() == Self.withoutTheirs)
            #expect(try await scene.foot() == "2 hidden by you on this page · What you mute")
            #expect(try await scene.text("#announce") == "2 hidden by you on this page")
            #expect(try await scene.focus() == "Show")
            #expect(try await scene.kept()["authors"].object?.keys.sorted() == [scene.key])

            try await scene.browser.click(".veil button")
            #expect(
                try await scene.look() == [
                    "mine 2", "2 messages that you muted · Hide | theirs 2", "theirs 1", "mine 1", "the feed is there",
                ])
            #expect(try await scene.foot() == "What you mute")
            #expect(try await scene.focus() == "Hide")
            try await scene.open("/tweets")
            #expect(try await scene.look() == Self.withoutTheirs)

            // Who opens a message wants to see it.
            try await scene.open("/tweets/\(scene.ids[1])")
            #expect(try await scene.look() == ["A message of an author you muted | theirs 2"])

            try await scene.open("/authors/\(scene.key)")
            #expect(try await scene.look() == ["2 messages that you muted · Show"])
            #expect(try await scene.text(".profile .mute") == "You muted this author. Show again")
            try await scene.browser.click(".profile .mute button")
            #expect(try await scene.look() == ["theirs 2", "theirs 1"])
            #expect(try await scene.text(".profile .mute") == "Mute this author")
            try await scene.browser.click(".profile .mute button")
            #expect(try await scene.foot() == "2 hidden by you on this page · What you mute")

            try await scene.open("/tweets")
            try await scene.browser.click(".foot button")
            try await scene.browser.click("dialog[open] li button")
            #expect(try await scene.look() == Self.everything)
            #expect(try await scene.browser.run("return document.activeElement.localName") == .string("h2"))
            await scene.browser.quit()
        }

        @Test func whatComesInOfAMutedAuthor_isNeitherAnnouncedNorCounted() async throws {
            let scene = try await MuteScene.start()
            try await scene.awaitLive()
            try await scene.choose("Mute this author", by: scene.key)
            // As in a window that nobody looks at; and all that is said is noted.
            try await scene.browser.run(
                """
                Object.defineProperty(document, 'hidden', { value: true });
                window.said = [];
                window.offered = [];
                const announce = document.getElementById('announce');
                new MutationObserver(() => said.push(announce.textContent)).observe(announce, { childList: true });
                new MutationObserver(() => {
                  const more = document.querySelector('.more');
                  if (more && offered.at(-1) !== more.textContent) offered.push(more.textContent);
                }).observe(document.body, { childList: true, subtree: true });
                """)
            try await scene.node.send("theirs 3", ["--key", "other"])
            let shown = try await scene.node.send("mine 3")
            try await scene.browser.wait(for: "it is there", "return document.getElementById('\(shown)') !== null")
            #expect(
                try await scene.look().prefix(4) == [
                    "mine 3", "A message of an author you muted · Show", "mine 2", "2 messages that you muted · Show",
                ])
            #expect(try await scene.foot() == "3 hidden by you on this page · What you mute")
            #expect(try await scene.browser.run("return said").array == [.string("A new message")])
            #expect(try await scene.browser.run("return document.title").string == "(1) The wall · p2pmsg")

            // To who reads further down, it is not offered either.
            try await scene.browser.run("document.body.style.paddingBottom = '3000px'; scrollTo(0, 2000);")
            try await scene.node.send("theirs 4", ["--key", "other"])
            try await scene.node.send("theirs 5", ["--key", "other"])
            let waiting = try await scene.node.send("mine 4")
            try await scene.browser.wait(for: "it is offered", "return document.querySelector('.more') !== null")
            try await scene.browser.click(".more")
            try await scene.browser.wait(for: "it is there", "return document.getElementById('\(waiting)') !== null")
            #expect(try await scene.browser.run("return offered").array == [.string("1 new")])
            #expect(try await scene.look().prefix(3) == ["mine 4", "2 messages that you muted · Show", "mine 3"])
            #expect(try await scene.browser.run("return said").array?.count == 2)
            await scene.browser.quit()
        }

        @Test func focusOnALine_staysThere_whenAnotherMessageJoins() async throws {
            let scene = try await MuteScene.start()
            try await scene.node.send("theirs 3", ["--key", "other"])
            try await scene.open("/tweets")
            try await scene.awaitLive()
            try await scene.choose("Mute this author", by: scene.key)
            #expect(try await scene.look().first == "A message of an author you muted · Show")
            let id = try await scene.node.send("theirs 4", ["--key", "other"])
            try await scene.browser.wait(for: "it is there", "return document.getElementById('\(id)') !== null")
            #expect(try await scene.look().first == "2 messages that you muted · Show")
            #expect(try await scene.focus() == "Show")
            let article = try await scene.browser.run("return document.activeElement.closest('article').id")
            #expect(article == .string(id))
            await scene.browser.quit()
        }

        @Test func wordsAndSingleMessages_areMuted_andTakenBackInThePanel() async throws {
            let scene = try await MuteScene.start()
            // Full-width letters and a ligature are the same letters.
            try await scene.node.send("The ＳＰＯＩＬＥＲ of the ﬁlm")
            try await scene.open("/tweets")
            try await scene.browser.click(".foot button")
            try await scene.browser.type("spoiler of the FILM" + WebDriver.enter, into: "#muted-word")
            try await scene.browser.type("<b>Ghost</b>" + WebDriver.enter, into: "#muted-word")
            #expect(try await scene.text("dialog [role=status]") == "1 hidden by you on this page")
            let words = try await scene.browser.run(
                "return [...document.querySelectorAll('dialog bdi')].map((e) => e.innerHTML)")
            #expect(words.array == [.string("spoiler of the FILM"), .string("&lt;b&gt;Ghost&lt;/b&gt;")])
            try await scene.browser.press(WebDriver.escape)
            #expect(try await scene.focus() == "What you mute")
            #expect(try await scene.look() == ["A message with a word you muted · Show"] + Self.everything)

            try await scene.choose("Hide this message", by: scene.key)
            #expect(try await scene.look().dropFirst(2).first == "A message that you hid · Show")
            #expect(try await scene.foot() == "2 hidden by you on this page · What you mute")
            #expect(try await scene.focus() == "Show")
            try await scene.browser.run("document.activeElement.click()")
            #expect(try await scene.look().dropFirst(2).first == "A message that you hid · Hide | theirs 2")
            try await scene.open("/tweets")
            #expect(try await scene.look().dropFirst(2).first == "A message that you hid · Show", "shown for then only")

            try await scene.browser.click(".foot button")
            let links = try await scene.browser.run(
                "return [...document.querySelectorAll('dialog li a')].map((e) => e.pathname)")
            #expect(links.array == [.string("/tweets/\(scene.ids[1])")])
            try await scene.browser.click("dialog li a + button")
            #expect(try await scene.look() == ["A message with a word you muted · Show"] + Self.everything)
            try await scene.browser.run("window.confirm = () => true")
            try await scene.browser.click("dialog > .row button:last-child")
            #expect(try await scene.look().count == Self.everything.count + 1)
            #expect(try await scene.foot() == "What you mute")
            await scene.browser.quit()
        }

        @Test func storage_thatIsBrokenFullOrTooLarge_doesNoHarm() async throws {
            let scene = try await MuteScene.start()
            func keep(_ text: String) async throws {
                try await scene.browser.run("localStorage.setItem('p2pmsg.muted', arguments[0])", [text])
                try await scene.open("/tweets")
            }
            for text in [
                "{{{", "null", "5", "[]", #"{"authors":5,"messages":"abc","words":"w"}"#,
                #"{"authors":{"\#(scene.key)":"x"},"messages":null,"words":[1,null,"","  ",{}]}"#,
            ] {
                try await keep(text)
                #expect(try await scene.look() == Self.everything, "\(text)")
                try await scene.awaitLive()
                try await scene.choose("Mute this author", by: scene.key)
                #expect(try await scene.look() == Self.withoutTheirs, "\(text)")
                #expect(try await scene.kept()["authors"].object?.keys.sorted() == [scene.key], "\(text)")
            }

            func numbers(_ letter: String, _ count: Int) -> String {
                "{" + (1...count).map { "\"\(letter)\($0)\":\($0)" }.joined(separator: ",") + "}"
            }
            let words = (1...150).map { "\"a word \($0)\"" }.joined(separator: ",")
            try await keep(
                "{\"authors\":\(numbers("a", 1_500)),\"messages\":\(numbers("m", 2_500)),\"words\":[\(words)]}")
            try await scene.choose("Mute this author", by: scene.key)
            let kept = try await scene.kept()
            let authors = try #require(kept["authors"].object)
            #expect(authors.count == 1_000 && kept["messages"].object?.count == 2_000)
            #expect(kept["words"].array?.count == 100)
            #expect(authors[scene.key] != nil && authors["a1500"] != nil && authors["a501"] == nil)
            #expect(kept["words"][99].string == "a word 150")

            // What cannot be kept lasts as long as the page.
            try await keep("{}")
            try await scene.browser.run("Storage.prototype.setItem = () => { throw new Error('full'); }")
            try await scene.choose("Hide this message", by: scene.key)
            try await scene.choose("Mute this author", by: scene.key)
            #expect(try await scene.look() == Self.withoutTheirs)
            await scene.browser.quit()
        }

        @Test func anotherTab_follows() async throws {
            let scene = try await MuteScene.start()
            try await scene.browser.run("window.second = open('/tweets')")
            try await scene.browser.wait(
                for: "the second one is there", "return second.document.querySelector('.foot button') !== null")
            try await scene.choose("Mute this author", by: scene.key)
            try await scene.browser.wait(
                for: "the second one follows", "return second.document.querySelectorAll('.muted').length === 2")
            try await scene.browser.run(
                """
                second.document.querySelector('.foot button').click();
                second.document.querySelector('dialog li button').click();
                """)
            try await scene.browser.wait(
                for: "the first one follows", "return document.querySelector('.muted') === null")
            #expect(try await scene.look() == Self.everything)
            await scene.browser.quit()
        }

        @Test func everything_isDoneByKeyboard() async throws {
            let scene = try await MuteScene.start()
            let browser = scene.browser
            try await browser.wait(
                for: "the page signs", "return document.getElementById('signer').textContent.includes('this browser')")
            let isTheirs = "e.localName === 'summary' && e.closest('article').id === '\(scene.ids[1])'"
            try await browser.tab(to: "the menu", where: isTheirs)
            let digits = scene.key.split(separator: ":")[1]
            #expect(
                try await browser.run("return document.activeElement.ariaLabel").string
                    == "What to do with this message of \(digits.prefix(6))…\(digits.suffix(4))")
            try await browser.press(WebDriver.enter + WebDriver.escape)
            #expect(try await browser.run("return document.querySelector('.menu[open]')") == .null)
            try await browser.press(WebDriver.enter)
            try await browser.tab(to: "what mutes", where: "e.textContent === 'Mute this author'")
            try await browser.press(WebDriver.enter)
            #expect(try await scene.look() == Self.withoutTheirs)
            #expect(try await scene.focus() == "Show")
            try await browser.press(WebDriver.enter)
            #expect(try await scene.look().dropFirst().first == "2 messages that you muted · Hide | theirs 2")

            try await browser.tab(to: "another menu", where: isTheirs)
            try await browser.press(WebDriver.enter)
            try await browser.tab(to: "what hides", where: "e.textContent === 'Hide this message'")
            try await browser.press(WebDriver.enter)
            #expect(try await scene.look().dropFirst().first == "A message that you hid · Show")

            try await browser.tab(to: "the panel", where: "e.textContent === 'What you mute'")
            try await browser.press(WebDriver.enter)
            #expect(try await browser.run("return document.activeElement.localName") == .string("h2"))
            try await browser.tab(to: "the field", where: "e.id === 'muted-word'")
            try await browser.press("MINE" + WebDriver.enter)
            #expect(try await scene.text("dialog [role=status]") == "3 hidden by you on this page")
            let isAuthors = "e.ariaLabel?.startsWith('Show again: \(digits.prefix(6))')"
            try await browser.tab(to: "the author", where: isAuthors)
            try await browser.press(WebDriver.enter)
            #expect(try await scene.focus() == "Show again", "the next one")
            try await browser.press(WebDriver.enter + WebDriver.enter)
            #expect(try await scene.look() == Self.everything)
            #expect(try await browser.run("return document.activeElement.localName") == .string("h2"))
            try await browser.press(WebDriver.escape)
            #expect(try await browser.run("return document.activeElement.localName") == .string("button"))
            await browser.quit()
        }
    }
}
