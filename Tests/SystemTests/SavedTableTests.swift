import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// A router that starts again finds the mesh by the switches that it saved.
    @Suite("Saved switches", .timeLimit(.minutes(2)))
    struct SavedTableTests {
        /// A router with an address, a bus and a file of its own, that can be started again.
        private final class Place: Sendable {
            let site: TestSite
            let name: String
            let address: String
            let seeds: [String]

            var bus: String { "ipc://" + site.directory.file("run/\(name).ipc") }
            var state: String { site.directory.file("data/\(name)/switches") }

            init(_ name: String, site: TestSite, seeds: [String] = []) throws {
                (self.site, self.name, self.seeds) = (site, name, seeds)
                address = "127.0.0.1:\(try FreePort.udp())"
            }

            func start() throws -> TestProcess {
                let words = ["--bus", bus, "--udp", address, "--state", state, "--log-level", "info"]
                return try site.start(Binaries.router, words + seeds.flatMap { ["--seed", $0] })
            }

            func untilItKnows(_ count: Int) async throws {
                try await eventually("\(name) knows \(count) switches", within: .seconds(20)) {
                    let status = try await self.site.run(Binaries.client, ["status", "--json", "--bus", self.bus])
                    return try status.json().first?["mesh"]["switches"].int == count
                }
            }
        }

        private func mesh() async throws -> (seed: TestProcess, other: TestProcess, Place) {
            let site = try TestSite()
            let first = try Place("first", site: site)
            let seed = try first.start()
            let other = try Place("other", site: site, seeds: [first.address])
            let running = try other.start()
            try await other.untilItKnows(1)
            return (seed, running, try Place("tested", site: site, seeds: [first.address]))
        }

        @Test func cleanStop_savesThem_andTheNextStartNeedsNoSeed() async throws {
            let (seed, other, place) = try await mesh()
            let router = try place.start()
            try await place.untilItKnows(2)
            router.signal(SIGTERM)
            #expect(try await router.waitForExit(within: .seconds(5)) == .status(0))
            let saved = try String(contentsOfFile: place.state, encoding: .utf8)
            #expect(saved.split(separator: "\n").count == 3, "\(saved)")

            seed.signal(SIGKILL)
            _ = try await seed.waitForExit(within: .seconds(5))
            let again = try place.start()
            try await place.untilItKnows(1)
            let lines = again.standardError.all
            #expect(lines.contains { $0.contains("routing") && $0.contains("known=2") }, "\(lines)")
            #expect(other.isRunning)
        }

        @Test func killedRouter_hasSavedThemSoonAfterItJoined() async throws {
            let (seed, other, place) = try await mesh()
            let router = try place.start()
            try await eventually("the switches are saved", within: .seconds(20)) {
                FileManager.default.fileExists(atPath: place.state)
            }
            router.signal(SIGKILL)
            seed.signal(SIGKILL)
            for process in [router, seed] { _ = try await process.waitForExit(within: .seconds(5)) }
            let again = try place.start()
            try await place.untilItKnows(1)
            #expect(again.isRunning && other.isRunning)
        }

        /// A switch of 2011 is deaf to another ring for 64 to 80 s.
        @Test func killedRouter_speaksTheLineThatAPeerOf2011Holds() async throws {
            let peer = try UDPPeer()
            let place = try Place("tested", site: TestSite(), seeds: ["127.0.0.1:\(peer.port)"])
            let router = try place.start()
            let dial = try #require(await peer.first(within: .seconds(10)))
            let line = try #require(try JSON(parsing: dial.text)["_ring"].int) * 7
            try peer.send(#"{"_to":"\#(place.address)",".see":[],"_line":\#(line),"_br":176}"#, to: dial.port)
            try await eventually("the line is saved", within: .seconds(5)) {
                try String(contentsOfFile: place.state, encoding: .utf8).contains("#line 127.0.0.1:\(peer.port) ")
            }
            router.signal(SIGKILL)
            _ = try await router.waitForExit(within: .seconds(5))
            let count = peer.received.all.count
            let again = try place.start()
            let spoken = await peer.received.first(from: count, within: .seconds(5))?.element
            #expect(try spoken.map { try JSON(parsing: $0.text)["_line"].int } == line)
            #expect(again.isRunning)
        }

        /// The first of two restarts where the other has no seed to look for it.
        @Test func killedRouter_isHeardByItsOwnKindWithinSeconds() async throws {
            let site = try TestSite()
            let first = try Place("first", site: site)
            let other = try Place("other", site: site, seeds: [first.address])
            let seed = try first.start()
            let running = try other.start()
            try await first.untilItKnows(1)
            try await eventually("the other is saved", within: .seconds(5)) {
                try String(contentsOfFile: first.state, encoding: .utf8).contains(other.address)
            }
            seed.signal(SIGKILL)
            _ = try await seed.waitForExit(within: .seconds(5))
            let again = try first.start()
            let start = ContinuousClock.now
            try await first.untilItKnows(1)
            #expect(start.duration(to: .now) < .seconds(10))
            #expect(again.isRunning && running.isRunning)
        }

        @Test func damagedAndForeignFiles_areNamedAndStopNobody() async throws {
            let site = try TestSite()
            let place = try Place("tested", site: site)
            try FileManager.default.createDirectory(
                atPath: site.directory.file("data/tested"), withIntermediateDirectories: true)
            let head = "# p2pmsg switches 1\n"
            for (text, expected) in [
                (head + "127.0.0.1:4\nnonsense\n", "\(place.state):3"), ("somebody's diary\n", place.state),
            ] {
                try text.write(toFile: place.state, atomically: false, encoding: .utf8)
                let router = try place.start()
                try await place.untilItKnows(0)
                let warning = router.standardError.all.first { $0.contains("warning") }
                #expect(warning?.contains(expected) == true, "\(router.transcript)")
                router.signal(SIGTERM)
                #expect(try await router.waitForExit(within: .seconds(5)) == .status(0))
                #expect(try String(contentsOfFile: place.state, encoding: .utf8) == text)
            }
        }

        /// A name with addresses of both families, of which the socket can use one.
        @Test func seedThatIsAName_isJoined() async throws {
            let (seed, other, place) = try await mesh()
            let port = try #require(place.seeds.first?.split(separator: ":").last)
            let router = try place.site.start(
                Binaries.router,
                ["--bus", place.bus, "--udp", place.address, "--state", "off", "--seed", "localhost:\(port)"])
            try await place.untilItKnows(2)
            for process in [seed, other, router] { #expect(process.isRunning) }
        }

        /// A seed's name that is gone for good keeps nobody from starting, and from joining those whom it knows.
        @Test func seedWhoseNameIsGone_stopsNoNode_andTheLogSaysWhatIsTriedAgain() async throws {
            let (first, other, place) = try await mesh()
            let router = try place.start()
            try await place.untilItKnows(2)
            router.signal(SIGTERM)
            _ = try await router.waitForExit(within: .seconds(5))
            let words = ["--bus", place.bus, "--udp", place.address, "--seed", "gone.invalid:42424"]
            let fresh = try place.site.start(Binaries.router, words + ["--state", "off"])
            _ = try await fresh.standardError.line(matching: "routing", within: .seconds(5))
            let told = try await fresh.standardError.line(matching: "gone.invalid", within: .seconds(30))
            #expect(told.contains("looked up again"), "\(told)")
            fresh.signal(SIGTERM)
            #expect(try await fresh.waitForExit(within: .seconds(5)) == .status(0))
            let again = try place.site.start(Binaries.router, words + ["--state", place.state])
            try await place.untilItKnows(2)
            #expect(again.isRunning)
            #expect(first.isRunning && other.isRunning)
        }
    }
}
