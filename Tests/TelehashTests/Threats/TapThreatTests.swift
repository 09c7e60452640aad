import Telehash
import TelehashWire
import Testing

/// Taps as a weapon: threat T14.
@Suite struct TapThreatTests {
    /// Copies of one signal over each tap, in a ring of switches each of which has a tap at both neighbours.
    private func storm(switches: Int, limits: Limits) -> [Int: [Int: Int]] {
        let endpoints = (0..<switches).map { Solo.endpoint("10.9.\($0).1:42424") }
        let solos = endpoints.map { Solo(at: $0, limits: limits) }
        /// The line that a switch expects of a neighbour.
        var lines: [Int: [Int: Int]] = [:]
        for index in solos.indices {
            for neighbour in [(index + 1) % switches, (index + switches - 1) % switches] {
                let line = solos[index].prove(endpoints[neighbour])
                lines[index, default: [:]][neighbour] = line
                solos[index].receive(
                    Telex(line: line, br: 0, tap: [TapRule(has: ["+key"])]), from: endpoints[neighbour])
            }
        }
        var copies: [Int: [Int: Int]] = [:]
        var flying: [(bytes: [UInt8], from: Int, to: Int)] = []
        func fly(_ sent: [Solo.Sent], from sender: Int) {
            for telex in sent.carrying("storm") {
                guard let receiver = endpoints.firstIndex(of: telex.to) else { continue }
                copies[sender, default: [:]][receiver, default: 0] += 1
                var copy = telex.telex
                copy.line = lines[receiver]?[sender]
                flying.append((copy.encoded(), sender, receiver))
            }
        }
        fly(solos[0].receive(Telex(signals: .message("storm")), from: Solo.endpoint("10.8.0.1:1")), from: 0)
        while let next = flying.first {
            flying.removeFirst()
            fly(solos[next.to].receive(next.bytes, from: endpoints[next.from]), from: next.to)
        }
        return copies
    }

    @Test func signal_inARingOfFiftySwitchesThatTapEachOther_isCopiedOncePerTap() {
        let copies = storm(switches: 50, limits: .default)
        let total = copies.values.reduce(0) { $0 + $1.values.reduce(0, +) }
        let most = copies.values.flatMap(\.values).max() ?? 0
        ThreatScale.report("T14 a ring of 50: \(total) copies over 100 taps, \(most) over one")
        #expect(most == 1)
        #expect(total >= 8, "it travels four hops to both sides")
        #expect(total <= 100)
        var forgetful = Limits.default
        forgetful.exchange.relayOnce = .zero
        let worse = storm(switches: 50, limits: forgetful).values.flatMap(\.values).max() ?? 0
        #expect(worse > 1, "without a memory the same ring bounces it")
    }
}
