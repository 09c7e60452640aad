import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite("Descriptors", .timeLimit(.minutes(2)))
    struct DescriptorTests {
        @Test func aReceiver_withoutFileDescriptors_saysSo_goesOn_andRecovers() async throws {
            let node = try await TestNode.start()
            _ = try await node.send("before")
            // The renderer's connection is there from now on.
            #expect(try await node.http.get("/tweets").body.contains("before"))
            let receiver = try #require(node.site.processes(named: Binaries.receiver).first)
            // As many as it has, and no hole among them: libzmq could not poll more than the limit.
            let open = Set(
                try FileManager.default.contentsOfDirectory(atPath: "/proc/\(receiver)/fd").compactMap { Int($0) })
            let free = (0...open.count).first { !open.contains($0) } ?? open.count
            try await node.limitFiles(of: receiver, to: "\(free):")
            try await node.waitForLog("no file descriptors left")

            for number in 1...20 { _ = try await node.send("meanwhile \(number)") }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try await node.http.get("/tweets").status } }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await node.http.get("/tweets").body.contains("meanwhile 20"))

            try await node.limitFiles(of: receiver, to: "1024:")
            try await node.waitForLog("there are file descriptors again")
            let listed = try await node.cli(["list", "--limit", "30"])
            #expect(listed.status == 0, "\(listed.errorText)")
            #expect(listed.text.contains("meanwhile 1"))
            #expect(node.site.processes(named: Binaries.receiver) == [receiver])
        }
    }
}

extension TestNode {
    /// Sets the soft limit of a running process.
    fileprivate func limitFiles(of process: pid_t, to limit: String) async throws {
        let tool = try TestProcess(
            "/usr/bin/prlimit", ["--pid", "\(process)", "--nofile=\(limit)"], environment: site.environment)
        guard try await tool.waitForExit(within: .seconds(10)) == .status(0) else { throw NotInTime(tool.transcript) }
    }

    /// A line of the log of one of its processes.
    fileprivate func waitForLog(_ text: String) async throws {
        guard await process.standardError.first(within: .seconds(10), where: { $0.contains(text) }) != nil else {
            throw NotInTime("no \"\(text)\" in the log\n\(process.transcript)")
        }
    }
}
