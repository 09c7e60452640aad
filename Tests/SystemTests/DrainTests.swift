import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// SIGTERM under load: what was acknowledged is there, and the end is orderly.
    @Suite("Ending", .timeLimit(.minutes(2)))
    struct DrainTests {
        @Test(arguments: [ServicesNode.Service.router, .receiver])
        func sigterm_underLoad_endsInOrderAndLosesNothing(_ service: ServicesNode.Service) async throws {
            let node = try await ServicesNode.start()
            let process = try node.process(service)
            let signalled = Mailbox<ContinuousClock.Instant>()
            async let ending = Self.replace(service, of: node)
            let texts = try await node.publish(600) { acknowledged in
                guard acknowledged == 200 else { return }
                signalled.append(.now)
                process.signal(SIGTERM)
            }
            let (exit, end) = try await ending
            let start = try #require(signalled.all.first)
            #expect(exit == .status(0), "\(process.transcript)")
            #expect(start.duration(to: end) < .seconds(5), "took \(start.duration(to: end))")
            #expect(try await node.texts() == texts)
        }

        @Test func sigterm_ofARenderer_finishesTheRequestsUnderWay() async throws {
            let node = try await ServicesNode.start()
            let process = try node.process(.renderer)
            let texts = try await withThrowingTaskGroup(of: [String].self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var confirmed: [String] = []
                        // Until nobody listens any more.
                        for number in 0... {
                            let text = "writer \(writer), message \(number)"
                            let posted = try? await node.http.post(
                                "/send", form: ["message": text], headers: node.ownForm)
                            guard let posted else { break }
                            // The key of a node's page is new there at first.
                            #expect(posted.status < 400 || [429, 503].contains(posted.status), "\(posted.status)")
                            if posted.status < 400 { confirmed.append(text) }
                            if writer == 0, number == 10 { process.signal(SIGTERM) }
                        }
                        return confirmed
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(try await process.waitForExit(within: .seconds(5)) == .status(0), "\(process.transcript)")
            #expect(texts.count > 10)
            #expect(Set(texts).subtracting(try await node.texts()).isEmpty, "confirmed means stored")
        }

        @Test func secondSigterm_whileARequestIsUnderWay_endsAtOnce() async throws {
            let node = try await ServicesNode.start()
            let process = try node.process(.renderer)
            // Its body never comes, so its end is that of the process.
            let request = Task {
                try await node.http.request(
                    "POST", "/api/messages", headers: ["Content-Length": "100"], within: .seconds(30))
            }
            try await eventually("the request has arrived", within: .seconds(5)) {
                try Self.connections(to: node.httpPort) > 0
            }
            process.signal(SIGTERM)
            try await eventually("it is stopping", within: .seconds(4)) {
                try await node.ops(.renderer).get("/readyz").body == "stopping\n"
            }
            #expect(process.isRunning)
            process.signal(SIGTERM)
            // Who waits for the request ends with 0.
            #expect(try await process.waitForExit(within: .seconds(10)) == .status(128 + SIGTERM))
            await #expect(throws: (any Error).self) { try await request.value }
        }

        /// Waits for the end of a service and starts it again.
        private static func replace(
            _ service: ServicesNode.Service, of node: ServicesNode
        ) async throws -> (TestProcess.Exit, ContinuousClock.Instant) {
            let exit = try await node.process(service).waitForExit(within: .seconds(60))
            let end = ContinuousClock.now
            try node.start(service)
            return (exit, end)
        }

        /// Connections that a server on this loopback port has taken and that are open (proc(5), `/proc/net/tcp`).
        private static func connections(to port: UInt16) throws -> Int {
            let place = "0100007F:" + String(format: "%04X", Int(port))
            // Files of /proc say that they are empty.
            let file = try #require(FileHandle(forReadingAtPath: "/proc/net/tcp"))
            let table = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
            return table.split(separator: "\n").count { line in
                let fields = line.split(separator: " ")
                return fields.count > 3 && fields[1] == place && fields[3] == "01"
            }
        }
    }
}
