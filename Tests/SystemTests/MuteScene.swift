import Foundation
import TestSupport
import Testing

/// A wall on which two people wrote, and a reader's browser.
struct MuteScene {
    let node: TestNode
    let browser: WebDriver
    /// Of the other one.
    let key: String
    /// Of the other one's messages.
    let ids: [String]

    static func start() async throws -> MuteScene {
        let node = try await TestNode.start()
        try await node.awaitFeed()
        let made = try await node.cli(["key", "new", "other", "--json"])
        let key = try #require(try made.json().first?["key"].string, "\(made.errorText)")
        try await node.send("mine 1")
        let ids = [
            try await node.send("theirs 1", ["--key", "other"]),
            try await node.send("theirs 2", ["--key", "other"]),
        ]
        try await node.send("mine 2")
        let scene = MuteScene(
            node: node, browser: try await WebDriver.start(in: node.site), key: key, ids: ids)
        try await scene.open("/tweets")
        return scene
    }

    func open(_ path: String) async throws {
        try await browser.open("http://127.0.0.1:\(node.httpPort)\(path)")
    }

    func awaitLive() async throws {
        try await browser.wait(
            for: "the page is live", "return document.getElementById('live').className.includes('on')")
    }

    /// What is seen of every message: the line that stands for it, its text.
    func look() async throws -> [String] {
        let seen = try await browser.run(
            """
            return [...document.querySelectorAll('article.message')].map((article) =>
              [...article.querySelectorAll('.veil, .text')].filter((e) => e.checkVisibility())
                .map((e) => e.innerText).join(' | ')).filter((text) => text);
            """)
        return seen.array?.compactMap(\.string) ?? []
    }

    func text(_ selector: String) async throws -> String? {
        try await browser.run("return document.querySelector(arguments[0]).textContent", [selector]).string
    }

    func foot() async throws -> String? { try await text(".foot p:last-child") }

    func focus() async throws -> String? { try await text(":focus") }

    func kept() async throws -> JSON {
        try JSON(
            parsing: try await browser.run("return localStorage.getItem('p2pmsg.muted')").string ?? "null")
    }

    /// Opens the menu of the first message that is shown of an author, and chooses.
    func choose(_ words: String, by key: String) async throws {
        try await browser.click("article:not(.muted):has(.author[href$='\(key)']) .menu summary")
        try await browser.run(
            """
            [...document.querySelectorAll('.menu[open] button')].find((e) => e.textContent === arguments[0]).click();
            """, [words])
    }
}
