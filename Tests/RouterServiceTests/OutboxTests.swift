import Glibc
import Telehash
import TelehashWire
import Testing

@testable import RouterService

@Suite("What a send returns costs that one send") struct OutboxTests {
    /// A system that says something to each address, and takes no more than so many datagrams at once.
    private final class FakeSystem {
        var says: [Endpoint: CInt] = [:]
        var room = Int.max
        private(set) var sent: [Endpoint] = []
        private(set) var calls = 0

        /// As sendmmsg(2): an error is told only when it is about the first one.
        func transmit(_ batch: ArraySlice<Outgoing>) -> Outbox.Sent {
            calls += 1
            if let first = batch.first, let code = says[first.endpoint] { return .failed(code) }
            let good = batch.prefix { says[$0.endpoint] == nil }.prefix(room)
            guard !good.isEmpty else { return .blocked }
            room -= good.count
            sent += good.map(\.endpoint)
            return .sent(good.count)
        }
    }

    private func endpoint(_ number: Int) -> Endpoint {
        guard let endpoint = Endpoint(ipv4: 0x0a00_0000 + UInt32(number), port: 42_424) else { preconditionFailure() }
        return endpoint
    }

    private func outbox(_ count: Int) -> Outbox {
        var outbox = Outbox()
        for number in 0..<count { outbox.add(Outgoing(bytes: [1, 2, 3], endpoint: endpoint(number))) }
        return outbox
    }

    @Test(
        arguments: [
            (ENETUNREACH, .unreachable), (EHOSTUNREACH, .unreachable), (ENETDOWN, .unreachable), (EINVAL, .unreachable),
            (EADDRNOTAVAIL, .unreachable), (EAFNOSUPPORT, .unreachable), (EACCES, .forbidden), (EPERM, .forbidden),
            (ENOBUFS, .noRoom), (ENOMEM, .noRoom), (EMSGSIZE, .other), (EIO, .other), (ECONNREFUSED, .other),
        ] as [(CInt, UnsentReason)])
    func anyError_costsItsOwnDatagram_andIsCountedUnderItsReason(_ code: CInt, _ reason: UnsentReason) {
        let system = FakeSystem()
        let bad = [0, 1, 63, 64, 65, 150, 199]
        for number in bad { system.says[endpoint(number)] = code }
        var outbox = outbox(200)
        outbox.flush(system.transmit)
        #expect(system.sent == (0..<200).filter { !bad.contains($0) }.map(endpoint), "all others, in their order")
        #expect(outbox.count == 0 && !outbox.isBlocked)
        #expect(outbox.failures[reason] == UInt64(bad.count))
        #expect(outbox.failures.byName.values.reduce(0, +) == UInt64(bad.count))
    }

    @Test func machineWithoutARoute_losesWhatItSends_andNothingElse() {
        let system = FakeSystem()
        for number in 0..<100 { system.says[endpoint(number)] = ENETUNREACH }
        var outbox = outbox(100)
        outbox.flush(system.transmit)
        #expect(system.sent.isEmpty && outbox.count == 0)
        system.says = [:]
        outbox.add(Outgoing(bytes: [1], endpoint: endpoint(7)))
        outbox.flush(system.transmit)
        #expect(system.sent == [endpoint(7)])
    }

    @Test func fullBuffer_holdsTheRestUntilThereIsRoom_andABoundOfIt() {
        let system = FakeSystem()
        system.room = 100
        var outbox = outbox(300)
        outbox.flush(system.transmit)
        #expect(system.sent.count == 100 && outbox.count == 200 && outbox.isBlocked)
        for number in 300..<(300 + RouterLimits.waitingDatagrams) {
            outbox.add(Outgoing(bytes: [1], endpoint: endpoint(number)))
        }
        #expect(outbox.count == RouterLimits.waitingDatagrams)
        #expect(outbox.failures[.noRoom] == 200)
        system.room = .max
        outbox.flush(system.transmit)
        #expect(system.sent == (0..<(100 + RouterLimits.waitingDatagrams)).map(endpoint))
        #expect(!outbox.isBlocked)
    }

    @Test func datagrams_goManyAtOnce() {
        let system = FakeSystem()
        var outbox = outbox(640)
        outbox.flush(system.transmit)
        #expect(system.calls == 10)
    }

    @Test func lostSocket_losesWhatWaits_counted() {
        var outbox = outbox(5)
        outbox.discard()
        #expect(outbox.count == 0)
        #expect(outbox.failures[.unbound] == 5)
    }
}

@Suite("A socket that is lost") struct SocketLifeTests {
    private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    @Test func errorOfReading_costsTheSocketOnlyWhereItIsTheSockets() {
        var life = SocketLife(now: at(0))
        func isLost(_ code: CInt) -> Bool { life.didFailToRead(code) }
        for code in [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EMSGSIZE, ENOBUFS] {
            #expect(!isLost(code), "\(code)")
        }
        #expect(isLost(EBADF))
        #expect(isLost(ECONNABORTED), "as when the system destroys it")
        life.didRead()
        #expect((1..<SocketLife.errorsBeforeLoss).allSatisfy { _ in !isLost(ENETDOWN) })
        #expect(isLost(ENETDOWN), "nothing came for so long")
        life.didBind(now: at(1))
        #expect(!isLost(ENETDOWN))
    }

    @Test func pauses_growAndNeverReach15Seconds() throws {
        var life = SocketLife(now: at(0))
        #expect(life.nextTry == nil && life.trouble == nil)
        life.didLose("gone", now: at(100))
        var pauses: [Duration] = []
        var now = at(100)
        for _ in 0..<50 {
            let next = try #require(life.nextTry)
            pauses.append(now.duration(to: next))
            now = next
            life.didFail("busy", now: now)
        }
        #expect(pauses.first == RouterLimits.firstRebind)
        #expect(pauses == pauses.sorted() && Set(pauses).count > 4)
        #expect(pauses.last == RouterLimits.longestRebind && RouterLimits.longestRebind < .seconds(15))
        #expect(life.trouble == .init(since: at(100), why: "busy"), "since the loss, and why now")
        life.didBind(now: now)
        #expect(life.nextTry == nil && life.trouble == nil && life.losses == 1)
    }

    @Test func livez_complainsAfter15Seconds_withTheReason() throws {
        #expect(UDPStatus().complaint == nil)
        #expect(UDPStatus(unboundFor: .milliseconds(14_999), why: "busy").complaint == nil)
        let complaint = try #require(UDPStatus(unboundFor: .seconds(15), why: "busy").complaint)
        #expect(complaint.contains("15 s") && complaint.contains("busy"), "\(complaint)")
    }

    @Test func socketThatIsLostAgainAtOnce_isNotBoundInATightLoop() throws {
        var life = SocketLife(now: at(0))
        var now = at(100)
        for _ in 0..<20 {
            life.didLose("gone", now: now)
            now = try #require(life.nextTry)
            life.didBind(now: now)
        }
        life.didLose("gone", now: now)
        #expect(life.nextTry == now.advanced(by: RouterLimits.longestRebind))
        life.didBind(now: now)
        life.didLose("gone", now: now.advanced(by: .seconds(60)))
        #expect(life.nextTry == now.advanced(by: .seconds(60) + RouterLimits.firstRebind))
    }

    @Test func sleep_isNoticed_fromAClockThatGoesOn() {
        var watch = SleepWatch()
        // A busy machine may be a few seconds late.
        let noticed = [1_000, 1_001, 1_009, 4_609, 4_610].filter { watch.look(seconds: $0) }
        #expect(noticed == [4_609])
    }
}
