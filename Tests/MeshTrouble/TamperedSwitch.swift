import MeshSimulator
import Telehash
import TelehashWire

/// A production switch whose owner changes what comes in, for attackers that are faultless in everything else.
package struct TamperedSwitch: ScriptedPeer {
    package let endpoint: Endpoint
    package private(set) var node: Switch
    private var random: SeededGenerator
    private var effects: [Effect] = []
    private var hasStarted = false
    /// Datagrams that were changed.
    package private(set) var tampered = 0
    private let tamper: @Sendable ([UInt8]) -> [UInt8]?

    /// - Parameter tamper: what the switch gets instead of a datagram; `nil` leaves it as it is.
    package init(
        at endpoint: Endpoint, seeds: [Endpoint], now: Instant, random: SeededGenerator,
        tamper: @escaping @Sendable ([UInt8]) -> [UInt8]?
    ) {
        self.endpoint = endpoint
        self.random = random
        self.tamper = tamper
        node = Switch(Switch.Configuration(seeds: seeds), now: now, using: &self.random)
    }

    package var nextWake: Instant { hasStarted ? node.nextDeadline : .zero }

    package mutating func receive(
        _ datagram: [UInt8], from sender: Endpoint, at own: Endpoint, now: Instant, into sends: inout [ScriptedSend]
    ) {
        let changed = tamper(datagram)
        if changed != nil { tampered += 1 }
        node.receive(changed ?? datagram, from: sender, now: now, using: &random, into: &effects)
        perform(into: &sends)
    }

    package mutating func wake(now: Instant, into sends: inout [ScriptedSend]) {
        if hasStarted {
            node.tick(now: now, using: &random, into: &effects)
        } else {
            hasStarted = true
            node.start(now: now, using: &random, into: &effects)
        }
        perform(into: &sends)
    }

    private mutating func perform(into sends: inout [ScriptedSend]) {
        for case .send(let datagram, let receiver) in effects {
            sends.append(ScriptedSend(datagram, from: endpoint, to: receiver))
        }
        effects.removeAll(keepingCapacity: true)
    }
}

extension TamperedSwitch {
    /// A host that takes taps and signals, reports every byte as accepted, and passes nothing on (T27): applications'
    /// signals lose their `+key` on the way in, so no tap asks for them.
    package static func suppressor(
        at endpoint: Endpoint, seeds: [Endpoint], now: Instant, random: SeededGenerator
    ) -> TamperedSwitch {
        TamperedSwitch(at: endpoint, seeds: seeds, now: now, random: random) { datagram in
            let key = Array(#""+key":"#.utf8)
            guard
                let start = datagram.indices.first(where: {
                    datagram[$0] == key[0] && datagram[$0...].starts(with: key)
                })
            else { return nil }
            var changed = datagram
            changed[start + 1] = UInt8(ascii: "x")
            return changed
        }
    }
}

extension Mesh {
    /// Adds a switch that takes signals and passes none on. It joins through the given nodes.
    @discardableResult
    package mutating func addSuppressor(seeds: [Int], at endpoint: Endpoint? = nil) -> Int {
        let endpoint = endpoint ?? freshEndpoint()
        let script = TamperedSwitch.suppressor(
            at: endpoint, seeds: seeds.map { self.endpoint(of: $0) }, now: now, random: freshGenerator())
        return addPeer(script, at: [endpoint])
    }

    /// Adds colluding switches at fresh public addresses, so many that they are the given share of all switches.
    ///
    /// - Parameter percent: their share of the mesh with them in it, 0 ..< 100.
    /// - Returns: the number of the peer that plays them all; `nil` when the share is nobody.
    @discardableResult
    package mutating func addColluders(percent: Double) -> Int? {
        let share = min(max(percent, 0), 99.9) / 100
        let count = Int((Double(nodeCount) * share / (1 - share)).rounded())
        guard count > 0 else { return nil }
        return addColluders(at: freshEndpoints(count))
    }
}
