import Synchronization
import TestSupport
import Testing

@testable import RendererService

/// One host must not keep the others out, whatever it holds open.
@Suite struct ConnectionsTests {
    private typealias Place = Connections.Place

    /// The names of connections that had to give way.
    private final class Log: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func note(_ name: String) { names.withLock { $0.append(name) } }
    }

    private let log = Log()

    private func open(_ name: String, _ place: Place, in connections: Connections) -> Connections.Connection? {
        switch connections.admit(place, close: { [log] in log.note(name) }) {
        case .admitted(let connection, _): connection
        case .refused: nil
        }
    }

    @Test func oneHostWithFiveThousand_hasItsShare_andEverybodyElseIsServed() {
        let connections = Connections(capacity: 5_000, share: 256)
        var held: [Connections.Connection?] = []
        for number in 0..<5_000 { held.append(open("\(number)", .network([1]), in: connections)) }
        #expect(connections.count == 256)
        // The newest are there: others from the same place are still served.
        #expect(log.all == (0..<(5_000 - 256)).map(String.init))
        #expect(open("reader", .network([2]), in: connections) != nil)
        #expect(connections.count == 257)
    }

    @Test func whoIsBeingAnswered_isLeftAlone_andANewcomerOfThatPlaceIsRefused() {
        let connections = Connections(capacity: 100, share: 2)
        let first = open("first", .network([1]), in: connections)
        let second = open("second", .network([1]), in: connections)
        first.map(connections.isServed)
        #expect(open("third", .network([1]), in: connections) != nil)
        #expect(log.all == ["second"])
        // What has given way and closes a moment later gives nothing back twice.
        if let second { connections.leave(second) }
        #expect(connections.count == 2)
        let busy = Connections(capacity: 100, share: 2)
        let streams = (0..<2).map { open("stream \($0)", .network([1]), in: busy) }
        for stream in streams { stream.map(busy.isServed) }
        #expect(open("late", .network([1]), in: busy) == nil)
        #expect(open("other", .network([2]), in: busy) != nil)
        streams[1].map(busy.isWaiting)
        #expect(open("late", .network([1]), in: busy) != nil)
        #expect(log.all == ["second", "stream 1"])
    }

    @Test func whereAllTogetherAreTooMany_thePlaceWithMostGivesWay() {
        let connections = Connections(capacity: 10, share: 8)
        let many = (0..<8).map { open("many \($0)", .network([1]), in: connections) }
        let few = (0..<2).map { open("few \($0)", .network([2]), in: connections) }
        #expect(open("newcomer", .network([3]), in: connections) != nil)
        #expect(log.all == ["many 0"])
        #expect(connections.count == 10)
        for connection in many + few { connection.map(connections.isServed) }
        #expect(open("proxy", .proxy, in: connections) != nil)
        #expect(log.all == ["many 0", "many 1"], "and not the newcomer, who waits")
    }

    @Test func crowdOfManyHosts_givesWayToWhoeverComes_andNothingIsForgotten() {
        let connections = Connections(capacity: 1_000, share: 100)
        var all: [Connections.Connection?] = []
        for number in 0..<20_000 { all.append(open("\(number)", .network([UInt8(number % 199)]), in: connections)) }
        #expect(connections.count == 1_000 && log.all.count == 19_000)
        for connection in all { if let connection { connections.leave(connection) } }
        #expect(connections.count == 0)
        #expect(open("after", .network([7]), in: connections) != nil)
    }

    /// As many networks as a household has, each with its share of streams and slow bodies.
    @Test func networksOfOneSite_haveAShareTogether_andOthersAreServed() throws {
        let connections = Connections(openFiles: 1 << 20)
        for network in 0..<20 as Range<UInt8> {
            for number in 0..<256 {
                open("\(network) \(number)", .network([0x20, 1, 0xd, 0xb8, 0, 1, 0, network]), in: connections)
                    .map(connections.isServed)
            }
        }
        #expect(connections.count == 1_024)
        #expect(open("another site", .network([0x20, 1, 0xd, 0xb8, 0, 2, 0, 0]), in: connections) != nil)
        #expect(open("old", .network([192, 0, 2, 1]), in: connections) != nil)
        #expect(log.all.isEmpty)
    }

    @Test func whereAllAreInUse_theOldestOfThePlaceWithMostGivesWay() {
        let connections = Connections(capacity: 20, share: 8)
        let many = (0..<8).map { open("many \($0)", .network([1]), in: connections) }
        let others = (0..<12).map { open("other \($0)", .network([2, UInt8($0 / 2)]), in: connections) }
        for connection in others + many.reversed() { connection.map(connections.isServed) }
        for number in 0..<2 as Range<UInt8> {
            open("newcomer \(number)", .network([3, number]), in: connections).map(connections.isServed)
        }
        #expect(log.all == ["many 7", "many 6"])
        #expect(connections.count == 20)
    }

    /// They need a moment from connecting to asking.
    @Test func whereAllAreInUse_newcomersDoNotEndEachOther() {
        let connections = Connections(capacity: 100, share: 20)
        let held = (0..<100).map { open("held \($0)", .network([1, UInt8($0 % 5)]), in: connections) }
        for connection in held { connection.map(connections.isServed) }
        for number in 0..<20 as Range<UInt8> {
            #expect(open("newcomer \(number)", .network([2, number]), in: connections) != nil)
        }
        #expect(log.all.count == 20 && log.all.allSatisfy { $0.hasPrefix("held") }, "\(log.all)")
    }

    @Test func proxy_isNoSiteThatHasMost() {
        let connections = Connections(capacity: 20, share: 8)
        for _ in 0..<12 { open("visitor", .proxy, in: connections).map(connections.isServed) }
        for _ in 0..<8 { open("held", .network([1]), in: connections).map(connections.isServed) }
        for number in 0..<2 as Range<UInt8> { _ = open("newcomer", .network([2, number]), in: connections) }
        #expect(log.all == ["held", "held"])
    }

    /// A browser has a few more than each of a crowd, and is not the one to pay for it.
    @Test func whereManyPlacesHaveFew_theOneThatWasSilentLongestGivesWay() {
        let connections = Connections(capacity: 100, share: 20)
        for number in 0..<96 as Range<UInt8> { _ = open("crowd \(number)", .network([1, number]), in: connections) }
        let browser = (0..<4).map { open("browser \($0)", .network([2]), in: connections) }
        for number in 0..<50 as Range<UInt8> { _ = open("newcomer", .network([3, number]), in: connections) }
        #expect(log.all == (0..<50).map { "crowd \($0)" })
        withExtendedLifetime(browser) {}
    }

    @Test func proxies_haveNoShare_butTheirIdleOnesGiveWay() {
        let connections = Connections(capacity: 10, share: 2)
        let held = (0..<10).map { open("\($0)", .proxy, in: connections) }
        #expect(connections.count == 10 && held.count == 10 && log.all.isEmpty)
        #expect(open("visitor", .network([1]), in: connections) != nil)
        #expect(log.all == ["0"])
    }

    @Test func aProcessWithFewFiles_takesFewConnections() {
        #expect(Connections(openFiles: 1_024).capacity == 1_024 - Limits.otherFiles)
        #expect(Connections(openFiles: 1_024).share == 224)
        #expect(Connections(openFiles: 1 << 20).capacity == Limits.connections)
        #expect(Connections(openFiles: 64).capacity == 1)
    }

    @Test func aHead_hasItsTime_andWhoIsServedHasNone() {
        let connections = Connections(capacity: 10, share: 10)
        let second: UInt64 = 1_000_000_000
        var open: [Connections.Connection] = []
        for name in ["slow", "served", "silent"] {
            let verdict = connections.admit(.proxy, close: {}, isTooSlow: { [log] in log.note(name) })
            if case .admitted(let connection, _) = verdict { open.append(connection) }
        }
        for connection in open.prefix(2) { connection.beginsHead(at: 100 * second) }
        connections.isServed(open[1])
        #expect(connections.endSlowHeads(now: 110 * second) == 0)
        #expect(connections.endSlowHeads(now: 110 * second + 1) == 1)
        #expect(connections.endSlowHeads(now: 200 * second) == 0, "once is enough")
        #expect(log.all == ["slow"])
    }

    @Test(.timeLimit(.minutes(1))) func aHeadThatDrips_isEnded_andSoManyHeadsKeepNobodyOut() async throws {
        let fixture = try Fixture()
        let port = try FreePort.tcp()
        try await fixture.serve(at: port) { client in
            let slow = try (0..<400).map { _ in try RawPeer(tcp: port) }
            for peer in slow { peer.send(Array("GET /tweets HTTP/1.1\r\nHost: ".utf8)) }
            for _ in 0..<3 {
                let status = try await client.get("/tweets").status
                #expect(status == 200)
            }
            for _ in 0..<4 {
                try await letTimePass(.seconds(1))
                slow.last?.send([UInt8(ascii: "x")])
            }
            let end = try #require(slow.last).read(within: .seconds(20))
            let text = String(decoding: end.bytes, as: UTF8.self)
            #expect(end.isClosed && text.hasPrefix("HTTP/1.1 408 "), "\(text)")
            try await eventually("they are counted", within: .seconds(5)) {
                fixture.renderer.counters.snapshot()["connections_slow"] ?? 0 > 0
            }
        }
    }
}
