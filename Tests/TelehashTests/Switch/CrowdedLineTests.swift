import Telehash
import TelehashWire
import Testing

/// What waits for a line that does not move: who floods is in nobody's way but its own.
@Suite struct CrowdedLineTests {
    private let peer = Solo.endpoint("10.2.0.1:1000")

    /// A switch whose neighbour has not said for long that it received anything.
    private func shut() -> (solo: Solo, line: Int) {
        let solo = Solo()
        let line = solo.prove(peer)
        solo.receive(Telex(line: line, br: 0, tap: [TapRule(is: ["+end": NodeID.tweets.hex])]), from: peer)
        return (solo, line)
    }

    /// The neighbour reports all that it was sent, until nothing comes any more.
    private func open(_ solo: Solo, _ line: Int) -> [Solo.Sent] {
        var sent: [Solo.Sent] = []
        for step in 1...100 { sent += solo.receive(Telex(line: line, br: step * 10_000), from: peer).to(peer) }
        return sent
    }

    private func flood(_ solo: Solo, _ count: Int, of bytes: Int = 100, ofGuest: Bool, from first: Int = 1) {
        let filling = String(repeating: "x", count: bytes)
        for number in first..<first + count {
            solo.publish(
                .message("\(number) \(filling)", by: "flood"), end: .tweets, as: UInt64(number), ofGuest: ofGuest)
        }
    }

    @Test(arguments: [false, true], [100, 1_000])
    func author_whoSaysLittle_hasAPlaceBesideOneWhoFloods(isGuest: Bool, bytes: Int) {
        let (solo, line) = shut()
        flood(solo, 200, of: bytes, ofGuest: isGuest)
        solo.publish(.message("quiet", by: "quiet"), end: .tweets, as: 9_999, ofGuest: isGuest)
        let sent = open(solo, line).filter { $0.telex.signals["+message"] != nil }
        let place = sent.firstIndex { $0.telex.signals["+message"] == "quiet" }
        // Not among what was put off, which comes when nothing else waits.
        #expect(place.map { $0 < 96 } == true, "\(String(describing: place)) of \(sent.count)")
    }

    /// What is relayed has no publication that could be sent again.
    @Test(arguments: [false, true])
    func relayedAuthor_whoSaysLittle_hasAPlaceBesideOneWhoFloods(isProven: Bool) {
        let (solo, line) = shut()
        let other = Solo.endpoint("10.3.0.1:1000")
        let otherLine = isProven ? solo.prove(other) : nil
        func relay(_ signals: Signals) {
            solo.receive(Telex(line: otherLine, br: isProven ? 1 << 30 : nil, hop: 2, signals: signals), from: other)
        }
        for number in 0..<200 { relay(.message("\(number)", by: "flood")) }
        relay(.message("quiet", by: "quiet"))
        #expect(solo.counter("queue_full") > 50)
        #expect(open(solo, line).carrying("quiet").count == 1)
    }

    /// Anybody can make a key for each message, but not be of this node's people.
    @Test func guests_withAKeyForEachMessage_leaveRoomForOurPeople() {
        let (solo, line) = shut()
        for number in 0..<200 {
            solo.publish(
                .message("\(number)", by: "guest \(number)"), end: .tweets, as: UInt64(number), ofGuest: true)
        }
        for number in 0..<8 {
            solo.publish(.message("own \(number)", by: "own"), end: .tweets, as: UInt64(1_000 + number))
        }
        let sent = open(solo, line).compactMap { $0.telex.signals["+message"] }
        let last = sent.firstIndex(of: "own 7")
        #expect(last.map { $0 < 100 } == true, "\(String(describing: last)) of \(sent.count)")
    }

    @Test func author_whoFloods_doesNotDriveOutWhatOurPeopleSay() {
        let (solo, line) = shut()
        for number in 0..<130 { solo.publish(.message("own \(number)"), end: .tweets, as: UInt64(number)) }
        let queued = solo.counter("signals_queued")
        for number in 0..<50 {
            solo.publish(
                .message("\(number)", by: "guest \(number)"), end: .tweets, as: UInt64(1_000 + number), ofGuest: true)
        }
        let sent = open(solo, line).compactMap { $0.telex.signals["+message"] }
        #expect(queued > 40 && sent.count { $0.hasPrefix("own") } == queued)
    }

    /// Nothing that is published is lost because a neighbour stood still for a moment.
    @Test func publication_thatFoundNoRoom_isSentWhenThereIsSome() throws {
        let (solo, line) = shut()
        flood(solo, 300, ofGuest: false)
        #expect(solo.counter("queue_full") == 0)
        #expect(solo.counter("signals_queued") > 250)
        solo.advance(by: .seconds(1))
        let numbers = Set(open(solo, line).compactMap { $0.telex.signals["+message"]?.split(separator: " ").first })
        #expect(numbers.count > 250)
        #expect(solo.node.audit().isEmpty)
    }

    @Test func publication_thatFoundNoRoomUntilItWasOver_isCountedAsLost() {
        let (solo, line) = shut()
        flood(solo, 300, ofGuest: false)
        let putOff = solo.counter("signals_queued") - 96
        solo.advance(by: .seconds(6))
        _ = open(solo, line)
        #expect(putOff > 100 && solo.counter("hand_overs_lost") >= putOff / 2)
        #expect(solo.node.status(now: solo.now).openPublications == 0)
        #expect(solo.node.audit().isEmpty)
    }

    /// Peers that never report what they got: together they are kept no more for than a router has room.
    @Test func linesThatDoNotMove_haveABoundTogether() {
        var limits = Limits.default
        limits.lines.queuedBytesOfAll = 200_000
        let solo = Solo(limits: limits)
        let peers = (1...20).map { Solo.endpoint("10.2.0.\($0):1000") }
        var lines: [Endpoint: Int] = [:]
        for peer in peers {
            let line = solo.prove(peer)
            lines[peer] = line
            solo.receive(Telex(line: line, br: 0, tap: [TapRule(is: ["+end": NodeID.tweets.hex])]), from: peer)
        }
        for number in 0..<200 { flood(solo, 1, of: 1_000, ofGuest: true, from: number) }
        let waiting = solo.node.bytesQueued
        #expect((200_000...200_000 + 20 * 8_192).contains(waiting), "\(waiting)")
        for peer in peers {
            for step in 1...100 { solo.receive(Telex(line: lines[peer], br: step * 10_000), from: peer) }
        }
        #expect(solo.node.bytesQueued == 0)
        #expect(solo.node.audit().isEmpty)
    }
}
