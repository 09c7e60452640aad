import Bus
import Telehash
import TelehashWire
import Testing

@testable import RouterService

@Suite("What an operator is told") struct MeshWatchTests {
    private let home = Endpoint("198.51.100.1:1")
    private let other = Endpoint("198.51.100.2:1")

    /// Looks once a second.
    private func notes(
        _ watch: inout MeshWatch, _ address: Endpoint?, _ switches: Int, seconds: ClosedRange<Int>
    ) -> [MeshWatch.Note] {
        seconds.flatMap { watch.look(.init(address: address, switches: switches), uptime: .seconds($0)) }
    }

    @Test func healthyNode_saysNothingInADay() {
        var watch = MeshWatch(hasOthers: true)
        #expect(notes(&watch, home, 0, seconds: 1...2).isEmpty)
        #expect(notes(&watch, home, 3, seconds: 3...3) == [.joined(switches: 3)])
        var later: [MeshWatch.Note] = []
        for second in 4...86_400 {
            later += watch.look(.init(address: home, switches: 1 + second % 30), uptime: .seconds(second))
        }
        #expect(later.isEmpty)
    }

    @Test func seed_waitsInSilence() {
        var watch = MeshWatch(hasOthers: false)
        #expect(notes(&watch, home, 0, seconds: 1...3_600).isEmpty)
    }

    @Test func nodeThatNobodyAnswers_complainsOnce() {
        var watch = MeshWatch(hasOthers: true)
        #expect(notes(&watch, nil, 0, seconds: 1...29).isEmpty)
        #expect(notes(&watch, nil, 0, seconds: 30...3_600) == [.notJoined])
        let later = notes(&watch, nil, 1, seconds: 3_601...3_700)
        #expect(later == [.joinedAgain(switches: 1)], "what was said is taken back")
    }

    @Test func socketThatIsLost_isToldAfter15Seconds_andThatItIsBack() {
        var watch = MeshWatch(hasOthers: false)
        func look(_ unbound: Int?) -> [MeshWatch.Note] {
            let udp = UDPStatus(unboundFor: unbound.map { .seconds($0) }, why: unbound.map { _ in "no such address" })
            return watch.look(.init(address: home, switches: 0, udp: udp), uptime: .seconds(100 + (unbound ?? 0)))
        }
        #expect(look(nil).isEmpty)
        #expect((0..<15).map { look($0) }.joined().isEmpty, "it may be back in a moment")
        #expect(Array((15...300).map { look($0) }.joined()) == [.unbound(why: "no such address")])
        #expect(look(nil) == [.boundAgain])
        #expect(look(nil).isEmpty)
        #expect(look(3).isEmpty)
        #expect(look(nil) == [.boundAgain], "short losses are told when they are over")
    }

    @Test func changes_areToldOnceEach() throws {
        let (home, other) = (try #require(home), try #require(other))
        var watch = MeshWatch(hasOthers: true)
        #expect(notes(&watch, nil, 0, seconds: 1...1).isEmpty)
        #expect(notes(&watch, home, 1, seconds: 2...9) == [.addressLearned(home), .joined(switches: 1)])
        #expect(notes(&watch, home, 0, seconds: 10...99) == [.lost])
        #expect(
            notes(&watch, other, 2, seconds: 100...199) == [
                .addressChanged(from: home, to: other), .joinedAgain(switches: 2),
            ])
    }
}

@Suite("Rates") struct RateMeterTests {
    private func totals(_ value: UInt64) -> [String: UInt64] {
        ["telexes_received": value, "telexes_sent": 2 * value, "bytes_received": 100 * value, "bytes_sent": 0]
    }

    @Test func rates_areMeansOverTheLastTenSeconds() throws {
        var meter = RateMeter()
        #expect(meter.rates == nil)
        meter.note(totals(0), at: .zero)
        #expect(meter.rates == nil)
        meter.note(totals(5), at: .seconds(2))
        #expect(meter.rates == .init(seconds: 2, telexesIn: 2.5, telexesOut: 5, bytesIn: 250, bytesOut: 0))
        for second in 3...60 { meter.note(totals(UInt64(5 + 10 * (second - 2))), at: .seconds(second)) }
        #expect(meter.rates == .init(seconds: 10, telexesIn: 10, telexesOut: 20, bytesIn: 1_000, bytesOut: 0))
        for second in 61...80 { meter.note(totals(585), at: .seconds(second)) }
        #expect(meter.rates == .init(seconds: 10, telexesIn: 0, telexesOut: 0, bytesIn: 0, bytesOut: 0))
    }
}
