import Telehash
import TelehashWire
import Testing

@Suite("The table of an earlier life")
struct KnownSwitchesTests {
    @Test("after a restart the mesh is found by it although the only seed is gone for good")
    func seedIsGone() {
        let wire = Wire()
        wire.add(.local(1))
        for number in 2...5 { wire.add(.local(number), seeds: [.local(1)]) }
        wire.run(for: .seconds(10))
        let contacts = wire.contacts(.local(5))
        #expect(Set(contacts) == Set((1...4).map(Endpoint.local)))
        wire.kill(.local(1))
        wire.kill(.local(5))
        wire.run(for: .seconds(5))

        wire.add(.local(6), seeds: [.local(1)])
        wire.add(.local(5), seeds: [.local(1)], known: contacts, ends: [.tweets])
        wire.run(for: .seconds(2))
        #expect(wire.status(.local(6)).switches == 0, "without it nobody is found")
        #expect(wire.status(.local(5)).switches == 3)
        wire.publish("still here", from: .local(2), as: 1)
        wire.run(for: .seconds(1))
        #expect(wire.deliveries[.local(5)] == ["still here"])
    }

    @Test("a switch whose seed is gone finds the others again after an outage of minutes")
    func outage() {
        let wire = Wire()
        wire.add(.local(1))
        for number in 2...4 { wire.add(.local(number), seeds: [.local(1)]) }
        wire.run(for: .seconds(10))
        wire.kill(.local(1))
        wire.loses = { _ in true }
        wire.run(for: .seconds(300))
        #expect(wire.status(.local(2)).proven == 0)
        wire.loses = { _ in false }
        wire.run(for: .seconds(90))
        for number in 2...4 { #expect(wire.status(.local(number)).switches == 2) }
    }

    @Test("it is dialled within the budget, the best first, and never more than thrice in a line's life")
    func budgets() {
        let known = (0..<64).map(Endpoint.spread)
        let node = Solo(at: Solo.endpoint("198.51.100.1:42424"), known: known)
        var dialled = node.start().map(\.to)
        #expect(dialled.count == Int(Limits.default.routing.dials.burst))
        #expect(dialled == Array(known.prefix(dialled.count)), "the best first")
        let second = node.advance(by: .seconds(1)).count
        #expect((9...11).contains(second), "\(second) dials in a second")
        dialled += node.advance(by: .seconds(59)).map(\.to)
        #expect(Set(dialled) == Set(known))
        let most = Dictionary(grouping: dialled) { $0 }.map(\.value.count).max()
        #expect(most ?? 0 <= Limits.default.routing.unansweredDials)
    }

    @Test("it rests once somebody answers")
    func rest() {
        let wire = Wire()
        wire.add(.local(1))
        wire.add(.local(2), known: [.local(1), .local(99)])
        wire.run(for: .seconds(600))
        #expect(wire.status(.local(2)).switches == 1)
        #expect(wire.log.count { $0.to == .local(99) } <= Limits.default.routing.unansweredDials)
    }

    @Test("what it says about our own address is believed no more than from strangers")
    func ownAddress() {
        let wire = Wire()
        wire.add(.spread(1))
        wire.add(.spread(2), known: [.spread(1)], knowsItself: false)
        wire.add(.spread(3), seeds: [.spread(1)], knowsItself: false)
        wire.run(for: .seconds(5))
        #expect(wire.status(.spread(2)).switches == 2)
        #expect(wire.status(.spread(2)).address == nil)
        #expect(wire.status(.spread(3)).address == .spread(3), "a seed is believed")
    }

    @Test("contacts are those who answered, one of each neighbourhood before a second one, at most so many")
    func contacts() {
        let wire = Wire()
        let hub = Endpoint.spread(0)
        let near = (1...4).map { Solo.endpoint("21.1.\($0).1:42424") }
        wire.add(hub)
        for endpoint in near {
            wire.add(endpoint, seeds: [hub])
            wire.run(for: .seconds(1))
        }
        let far = Endpoint.spread(40)
        wire.add(far, seeds: [hub])
        wire.add(.spread(50), script: { _ in [] })
        wire.run(for: .seconds(1))
        let contacts = wire.contacts(hub)
        #expect(Set(contacts) == Set(near + [far]))
        #expect(contacts.prefix(2).contains(far), "\(contacts)")
        #expect(wire.contacts(hub, limit: 2) == Array(contacts.prefix(2)))
        #expect(wire.contacts(hub, limit: 0).isEmpty)
    }
}
