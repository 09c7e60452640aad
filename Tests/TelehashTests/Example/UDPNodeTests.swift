import Foundation
import TestSupport
import Testing

/// The example of the library's documentation: what the article shows is what is built and run here.
@Suite struct UDPNodeTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: Binaries.packageRoot + "/" + path, encoding: .utf8)
    }

    @Test func article_showsTheSource() throws {
        let source = try text("Tests/UDPNode/main.swift")
        let article = try text("Sources/Shared/Telehash/Telehash.docc/ANodeOnASocket.md")
        #expect(article.contains("```swift\n\(source)```\n"))
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count < 150)
    }

    @Test func nodes_hearEachOther() async throws {
        let port = try FreePort.udp()
        let path = try Binaries.path("UDPNode")
        let first = try TestProcess(path, ["\(port)"], environment: [:])
        _ = try await first.waitForLine(matching: "^listening$", within: .seconds(20))
        let second = try TestProcess(
            path, ["\(try FreePort.udp())", "127.0.0.1:\(port)"], environment: [:], input: Array("Grüße\n".utf8))
        _ = try await first.waitForLine(matching: "^Grüße$", within: .seconds(20))
        _ = try await second.waitForLine(matching: "^taken by 1$", within: .seconds(20))
    }

    @Test func nodeWithoutAPort_saysHowItIsStarted() async throws {
        let node = try TestProcess(try Binaries.path("UDPNode"), [], environment: [:])
        #expect(try await node.waitForExit(within: .seconds(20)) == .status(2))
        _ = try await node.waitForLine(matching: "^usage: ", within: .seconds(5))
    }
}
