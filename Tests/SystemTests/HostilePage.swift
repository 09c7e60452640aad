import Foundation
import TestSupport
import Testing

/// A browser that looks at pages of hostile texts.
struct HostilePage {
    let browser: WebDriver
    let site: String
    /// What was sent, by the messages' ids.
    var texts: [String: String]

    /// What a page has.
    struct Content {
        let ids: [String]
        /// What authors are called beside their messages, as UTF-8.
        let names: [Data]
        /// Places that are marked as found.
        let marks: Int
    }

    init(_ node: TestNode, _ texts: [String: String], width: Int) async throws {
        browser = try await WebDriver.start(in: node.site, width: width, height: 900)
        site = "http://127.0.0.1:\(node.httpPort)"
        self.texts = texts
    }

    /// Opens a page and checks it.
    @discardableResult
    func open(_ path: String) async throws -> Content {
        try await browser.open(site + path)
        return try await check(path)
    }

    /// Checks the page as it stands: nothing runs, all is in its box, and every text is what was sent. A script that
    /// opened a dialog makes every command fail.
    @discardableResult
    func check(_ name: String) async throws -> Content {
        let found = try await browser.run(HostilePageScripts.check)
        #expect(found["wrong"].array == [], "\(name): \(found["wrong"])")
        var ids: [String] = []
        for entry in try #require(found["texts"].array, "\(name)") {
            let id = try #require(entry[0].string)
            let shown = try #require(entry[1].string.flatMap { Data(base64Encoded: $0) })
            let sent = try #require(texts[id], "\(name): nobody sent \(id)")
            #expect(shown.elementsEqual(sent.utf8), "\(name): \(sent.debugDescription) is not what \(id) has")
            ids.append(id)
        }
        // As base64: not every program in between takes what is no character.
        let names = (found["names"].array ?? []).compactMap(\.string).compactMap { Data(base64Encoded: $0) }
        return Content(ids: ids, names: names, marks: found["marks"].int ?? 0)
    }

    /// The path of the next page of a list.
    func older() async throws -> String? {
        try await browser.run("return document.querySelector('a[rel=next]')?.getAttribute('href') ?? null").string
    }

    /// Whether what people wrote is painted in its boxes only: marks can be painted far from the character that they
    /// belong to, and no rectangle says so.
    func checkInk(_ path: String) async throws {
        try await browser.open(site + path)
        try await browser.run(HostilePageScripts.paint)
        let picture = try await browser.screenshot().base64EncodedString()
        let ink = try await browser.run(HostilePageScripts.ink, [picture])
        #expect(ink["inside"].int ?? 0 > 500, "\(path): nothing is red in \(ink)")
        #expect(ink["outside"].int == 0, "\(path): painted outside at \(ink["first"])")
    }
}
