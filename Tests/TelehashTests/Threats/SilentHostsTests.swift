import Testing

@testable import Telehash

/// Who is passed over for bringing nothing, and who is not: threat T27.
@Suite struct SilentHostsTests {
    private let end = NodeID(sha1Of: "an end")
    private let hosts = (1...8).map { Solo.endpoint("10.1.1.\($0):1") }
    private let limits = Limits.default

    /// Messages half a minute apart, each brought by those whom `brings` names.
    private func silent(
        after messages: Int, of hosts: [Endpoint]? = nil, brings: (Int, Int) -> Bool
    ) -> [Endpoint] {
        var hostsSeen = SilentHosts()
        for number in 0..<messages {
            let now = Instant(nanoseconds: Int64(number) * 30_000_000_000)
            _ = hostsSeen.judge(now: now, limits: limits) { _ in hosts ?? self.hosts }
            for index in self.hosts.indices where brings(number, index) {
                hostsSeen.note(UInt64(number), of: end, from: self.hosts[index], now: now, limits: limits)
            }
        }
        let later = Instant(nanoseconds: Int64(messages) * 30_000_000_000)
        _ = hostsSeen.judge(now: later, limits: limits) { _ in hosts ?? self.hosts }
        return hostsSeen.hosts(of: end).sorted { "\($0)" < "\($1)" }
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
        #expect(silent(after: 10) { $1 >= 6 }.count == limits.silentHosts)
    }

    @Test func host_thatWasPassedOver_isTriedAgain() {
        var seen = SilentHosts()
        var now = Instant.zero
        for number in 0..<4 {
            now = Instant(nanoseconds: Int64(number) * 30_000_000_000)
            _ = seen.judge(now: now, limits: limits) { _ in hosts }
            for host in hosts[1...] { seen.note(UInt64(number), of: end, from: host, now: now, limits: limits) }
        }
        #expect(seen.hosts(of: end) == [hosts[0]])
        let changed = seen.judge(now: now + limits.silenceRemembered, limits: limits) { _ in [] }
        #expect(changed)
        #expect(seen.hosts(of: end) == [])
    }

    /// Others may depend on a host that brings nothing to us.
    @Test func host_thatIsPassedOver_stillGetsWhatWePublish() {
        let solo = Solo()
        let near = (0..<200).map(Endpoint.spread).sorted { NodeID.tweets.isCloser($0.nodeID, than: $1.nodeID) }
        for host in near[0..<9] { solo.prove(host) }
        for number in 0..<4 {
            let now = solo.now.advanced(by: .seconds(30 * number))
            for host in near[1..<8] {
                solo.node.silentHosts.note(UInt64(number), of: .tweets, from: host, now: now, limits: limits)
            }
            _ = solo.node.silentHosts.judge(now: now + .seconds(10), limits: limits) { _ in Array(near[0..<8]) }
        }
        #expect(solo.node.silentHosts.hosts(of: .tweets) == [near[0]])
        solo.node.closest.invalidate()
        let tapped = solo.node.rememberedClosestSlots(to: .tweets).map { solo.node.lines.slots[$0].endpoint }
        #expect(tapped == Array(near[1..<9]))
        let sent = solo.publish(.message("to everybody"), end: .tweets).carrying("to everybody")
        #expect(Set(sent.map(\.to)) == Set(near[0..<9]))
    }
}
