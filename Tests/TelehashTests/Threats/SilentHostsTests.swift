import TelehashWire
import Testing

@testable import Telehash

/// Beside whom another one is tapped for bringing nothing, and beside whom not: threat T27.
@Suite struct SilentHostsTests {
    private let end = NodeID(sha1Of: "an end")
    private let hosts = (1...8).map { Solo.endpoint("10.1.1.\($0):1") }
    private let limits = Limits.default

    /// A message that hosts bring.
    private struct Message {
        var hop = 2
        var isAccepted = true
        let bringers: [Int]
    }

    /// Messages half a minute apart.
    private func silent(after messages: [Message]) -> [Endpoint] {
        var seen = SilentHosts(limits: .default)
        for (number, message) in messages.enumerated() {
            let now = Instant(nanoseconds: Int64(number) * 30_000_000_000)
            _ = seen.judge(now: now) { _ in hosts }
            bring(message, number, to: &seen, now: now)
        }
        let later = Instant(nanoseconds: Int64(messages.count) * 30_000_000_000)
        _ = seen.judge(now: later) { _ in hosts }
        return seen.hosts(of: end).sorted { "\($0)" < "\($1)" }
    }

    private func bring(_ message: Message, _ number: Int, to seen: inout SilentHosts, now: Instant) {
        for (count, bringer) in message.bringers.enumerated() {
            seen.note(
                UInt64(number), of: end, from: hosts[bringer], hop: message.hop, isNews: count == 0, now: now)
        }
        if message.isAccepted { seen.accept(UInt64(number)) }
    }

    /// Each brought by those whom `brings` names.
    private func silent(after messages: Int, brings: (Int, Int) -> Bool) -> [Endpoint] {
        silent(after: (0..<messages).map { number in Message(bringers: (0..<8).filter { brings(number, $0) }) })
    }

    /// Anybody can make signals up, and give them to all but one.
    @Test func host_thatMissesWhatNoReceiverAccepted_isNotBlamed() {
        #expect(silent(after: (0..<40).map { _ in Message(isAccepted: false, bringers: [1, 2, 3]) }) == [])
    }

    /// What came to one of the closest only comes from the others over a hop more.
    @Test func host_thatMissesWhatOthersHandedOnToEachOther_isNotBlamed() {
        #expect(silent(after: (0..<40).map { _ in Message(hop: 3, bringers: [1, 2, 3, 4, 5, 6, 7]) }) == [])
    }

    /// What a window had no room for is lost all at once.
    @Test func host_thatMissesABurst_missesOneMessage() {
        var seen = SilentHosts(limits: .default)
        for number in 0..<limits.exchange.comparedMessages {
            bring(Message(bringers: number == 0 ? Array(0..<8) : Array(1..<8)), number, to: &seen, now: .zero)
        }
        #expect(!seen.judge(now: Instant(nanoseconds: 60_000_000_000)) { _ in hosts })
    }

    /// The first of each burst are forgotten when the others bring them: those are no messages that the first host missed.
    @Test func message_thatWasForgotten_blamesNobody() {
        var seen = SilentHosts(limits: .default)
        let burst = 3 * limits.exchange.comparedMessages
        for round in 0..<10 {
            let now = Instant(nanoseconds: Int64(round) * 30_000_000_000)
            let later = now.advanced(by: .seconds(1))
            _ = seen.judge(now: now) { _ in hosts }
            let numbers = (0..<burst).map { UInt64(round * burst + $0) }
            for number in numbers {
                seen.note(number, of: end, from: hosts[0], hop: 2, isNews: true, now: now)
            }
            for number in numbers {
                for host in hosts[1...] {
                    seen.note(number, of: end, from: host, hop: 2, isNews: false, now: later)
                }
                seen.accept(number)
            }
        }
        _ = seen.judge(now: Instant(nanoseconds: 600_000_000_000)) { _ in hosts }
        #expect(seen.hosts(of: end) == [])
    }

    @Test func host_thatWasBlamed_countsAgainOnceItBringsSomething() {
        #expect(silent(after: 3) { $1 >= 1 } == [hosts[0]])
        #expect(silent(after: 4) { number, host in host >= 1 || number == 3 } == [])
    }

    @Test func host_thatBringsNothing_isPassedOverAfterTwoMisses() {
        #expect(silent(after: 2) { $1 >= 3 } == [])
        #expect(silent(after: 3) { $1 >= 3 } == Array(hosts[..<3]))
    }

    @Test func host_thatMissesSometimes_stays() {
        #expect(silent(after: 60) { number, host in host > 0 || number % 6 == 0 } == [])
    }

    @Test func host_thatFallsSilent_isPassedOverAfterSixMisses() {
        #expect(silent(after: 10) { number, host in host > 0 || number < 5 } == [])
        #expect(silent(after: 11) { number, host in host > 0 || number < 5 } == [hosts[0]])
    }

    /// One liar who invents messages must not make us leave everybody else.
    @Test func host_whenOnlyOneBringsTheMessage_isNotBlamed() {
        #expect(silent(after: 20) { $1 == 0 } == [])
    }

    @Test func hosts_thatArePassedOver_areHalfAtMost() {
        #expect(silent(after: 10) { $1 >= 6 }.count == limits.exchange.silentHosts)
    }

    @Test func host_thatWasBlamed_countsAgainWhenItsTimeIsOver_withoutAMessage() {
        var seen = SilentHosts(limits: .default)
        var now = Instant.zero
        for number in 0..<4 {
            now = Instant(nanoseconds: Int64(number) * 30_000_000_000)
            _ = seen.judge(now: now) { _ in hosts }
            bring(Message(bringers: Array(1..<8)), number, to: &seen, now: now)
        }
        #expect(seen.hosts(of: end) == [hosts[0]])
        _ = seen.judge(now: now + .seconds(10)) { _ in hosts }
        #expect(seen.deadline <= now + limits.exchange.silenceRemembered)
        let changed = seen.judge(now: seen.deadline) { _ in [] }
        #expect(changed)
        #expect(seen.hosts(of: end) == [])
        #expect(seen.deadline == .distantFuture)
    }

    /// Others may depend on a host that brings nothing to us, and it may have been blamed wrongly.
    @Test func host_thatIsBlamed_staysTappedBesideAnother_andGetsWhatWePublish() {
        let solo = Solo()
        let near = (0..<200).map(Endpoint.spread).sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }
        var lines: [Int] = []
        for host in near[0..<9] { lines.append(solo.prove(host)) }
        solo.tap([.tweets])
        func tapped() -> [Endpoint] {
            near.filter { host in
                solo.node.exchange.lines.slot(of: host).map { solo.node.exchange.lines[$0].tapHeld.ends == [.tweets] }
                    ?? false
            }
        }
        #expect(tapped() == Array(near[0..<8]))
        for number in 0..<4 {
            for host in 1..<8 {
                solo.receive(
                    Telex(to: Solo.home, line: lines[host], hop: 2, signals: .message("\(number)")), from: near[host])
            }
            solo.acceptDeliveries()
            solo.advance(by: .seconds(6))
        }
        #expect(solo.node.exchange.silentHosts.hosts(of: .tweets) == [near[0]])
        #expect(solo.counter("hosts_judged") == 1)
        #expect(tapped() == Array(near[0..<9]))
        let sent = solo.publish(.message("to everybody"), end: .tweets).carrying("to everybody")
        #expect(Set(sent.map(\.to)) == Set(near[0..<9]))
    }
}
