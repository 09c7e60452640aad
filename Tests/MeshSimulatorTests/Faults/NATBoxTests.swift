import Telehash
import TelehashWire
import Testing

@testable import MeshSimulator
@testable import MeshTrouble

@Suite struct NATBoxTests {
    private let inside = endpoint("10.0.0.1:42424")
    private let a = endpoint("1.2.3.4:1000")
    private let sameHost = endpoint("1.2.3.4:2000")
    private let b = endpoint("5.6.7.8:1000")

    private func box(_ kind: NATBox.Kind) -> NATBox {
        NATBox(kind, address: 0x0909_0909, firstPort: 5_000, lifetime: .seconds(60), hairpins: false)
    }

    /// Whether a box lets datagrams in from the one who was sent to, from another port there, and from somebody else.
    @Test(arguments: [
        (NATBox.Kind.fullCone, [true, true, true]), (.addressRestricted, [true, true, false]),
        (.portRestricted, [true, false, false]), (.symmetric, [true, false, false]),
    ])
    func datagram_isLetInAsTheKindAllows(_ kind: NATBox.Kind, _ expected: [Bool]) throws {
        var box = box(kind)
        let mapped = box.outbound(from: inside, to: a, now: .zero)
        let external = try #require(mapped)
        #expect(external == endpoint("9.9.9.9:5000"))
        let letIn = [a, sameHost, b].map { box.inbound(to: external.port, from: $0, now: .zero) == inside }
        #expect(letIn == expected)
        #expect(box.inbound(to: external.port + 1, from: a, now: .zero) == nil)
    }

    @Test(arguments: NATBox.Kind.allCases)
    func destinations_seeTheSamePortUnlessTheKindIsSymmetric(_ kind: NATBox.Kind) {
        var box = box(kind)
        let first = box.outbound(from: inside, to: a, now: .zero)
        #expect(box.outbound(from: inside, to: a, now: .zero) == first)
        #expect((box.outbound(from: inside, to: b, now: .zero) == first) == (kind != .symmetric))
        #expect((box.external(of: inside, now: .zero) == first) == (kind != .symmetric))
    }

    @Test(arguments: NATBox.Kind.allCases)
    func mapping_endsWhenNothingLeftForItsLifetime(_ kind: NATBox.Kind) throws {
        var box = box(kind)
        let mapped = box.outbound(from: inside, to: a, now: .zero)
        let external = try #require(mapped)
        let nearlyOver = Instant.zero + .seconds(59)
        #expect(box.inbound(to: external.port, from: a, now: nearlyOver) == inside)
        // What came in prolongs nothing.
        #expect(box.inbound(to: external.port, from: a, now: .zero + .seconds(60)) == nil)
        _ = box.outbound(from: inside, to: a, now: nearlyOver)
        #expect(box.inbound(to: external.port, from: a, now: .zero + .seconds(118)) == inside)
        let later = box.outbound(from: inside, to: a, now: .zero + .seconds(500))
        #expect(later != external, "a new mapping has a new port")
    }

    @Test func box_whenItIsRebooted_forgetsItsMappingsAndGivesOutOtherPorts() throws {
        var box = box(.fullCone)
        let mapped = box.outbound(from: inside, to: a, now: .zero)
        let external = try #require(mapped)
        box.reboot()
        #expect(box.inbound(to: external.port, from: a, now: .zero) == nil)
        #expect(box.outbound(from: inside, to: a, now: .zero) != external)
    }

    @Test func box_whenItsPortsAreUsedUp_givesOutThoseThatExpired() {
        var box = box(.symmetric)
        let ports = Int(UInt16.max - NATBox.firstPort) + 1
        for number in 0..<ports {
            let destination = Endpoint(ipv4: 0x0b00_0000 + UInt32(number), port: 1)
            #expect(destination.flatMap { box.outbound(from: inside, to: $0, now: .zero) } != nil)
        }
        #expect(box.outbound(from: inside, to: b, now: .zero) == nil)
        #expect(box.outbound(from: inside, to: b, now: .zero + .seconds(61)) != nil)
        #expect(box.mappingCount <= ports)
    }
}

/// An address that the test knows to be one.
func endpoint(_ text: String) -> Endpoint {
    guard let endpoint = Endpoint(text) else { preconditionFailure("\(text) is no endpoint") }
    return endpoint
}
