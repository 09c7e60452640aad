import Foundation
import Messages
import TestSupport
import Testing

extension SystemTests {
    @Suite("Damage", .timeLimit(.minutes(2)))
    struct DamageTests {
        @Test func aDamagedStore_isRefusedWithWhatToDo_andThatGivesTheMessages() async throws {
            let node = try await TestNode.start()
            var sent: Set<String> = []
            for number in 1...30 { sent.insert(try await node.send("message \(number)")) }
            _ = try await node.stop()
            let store = node.site.directory.file("node/store.sqlite")
            try flipBit(of: store, page: 5)

            let refused = try await node.site.run(Binaries.receiver, ["--store", store], within: .seconds(10))
            #expect(refused.status == 1)
            #expect(
                refused.errorText.contains("the store \(store) is damaged: page 5 is not what was written"),
                "\(refused.errorText)")
            #expect(refused.errorText.contains("p2pmsg-receiver --salvage --store \(store) > rescued.jsonl"))

            let rescued = try await node.site.run(Binaries.receiver, ["--salvage", "--store", store])
            #expect(rescued.status == 0, "\(rescued.errorText)")
            #expect(rescued.errorText.contains("damaged pages: 1 (5)"), "\(rescued.errorText)")
            let lines = try rescued.json()
            #expect(lines.count >= sent.count - 15, "a page holds a few messages")
            #expect(Set(lines.compactMap { $0["id"].string }).isSubset(of: sent))
            #expect(lines.allSatisfy { $0["channel"].string == "tweets" && $0["received_at"].int != nil })
            let verified = try await node.cli(["verify"], input: Array((rescued.lines.first ?? "").utf8))
            #expect(verified.status == 0, "\(verified.errorText)")
        }

        @Test func salvage_whenThereIsNoStore_saysSo() async throws {
            let site = try TestSite()
            let store = site.directory.file("none.sqlite")
            let output = try await site.run(Binaries.receiver, ["--salvage", "--store", store])
            #expect(output.status == 1)
            #expect(output.errorText == "p2pmsg-receiver: cannot open the store \(store): No such file or directory")
            #expect(output.lines.isEmpty)
        }

        private func flipBit(of path: String, page: Int) throws {
            let file = try FileHandle(forUpdating: URL(filePath: path))
            defer { try? file.close() }
            let offset = UInt64((page - 1) * 4_096 + 100)
            try file.seek(toOffset: offset)
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: offset)
            try file.write(contentsOf: [byte ^ 4])
        }
    }
}
