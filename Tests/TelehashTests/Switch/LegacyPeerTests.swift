import Telehash
import TelehashWire
import TestSupport
import Testing

@Suite("The receiver of 2011")
struct LegacyReceiverTests {
    private let receiver = Solo.endpoint("127.0.0.1:12345")
    private let author = Solo.endpoint("127.0.0.1:34344")
    private let end = "8bf1cce916417d16b7554135b6b075fb16dd26ce"

    /// What `server.js` keeps: the last `_ring` or `_line` of anybody, which it sends back as its `_line`.
    private final class ServerJS {
        var line: Int?

        func answer(_ telex: Telex) -> [UInt8]? {
            guard let value = telex.ring ?? telex.line else { return nil }
            line = value
            return Array("{\".tap\":[{\"has\":[\"+key\"]}],\"_line\":\(value),\"_to\":\"208.68.163.247:42424\"}".utf8)
        }

        static let hello = "{\"+end\":\"38666817e1b38470644e004b9356c1622368fa57\"}"
        static let ping = "{\".tap\":[{\"has\":[\"+key\"]}],\"_to\":\"208.68.163.247:42424\"}"
    }

    /// Lets the receiver answer everything that it is sent, until it is quiet.
    private func converse(_ server: ServerJS, _ solo: Solo, _ sent: [Solo.Sent]) -> [Solo.Sent] {
        var all = sent
        var open = sent.to(receiver)
        var rounds = 0
        while let next = open.first {
            open.removeFirst()
            rounds += 1
            guard rounds < 20 else {
                Issue.record("they talk for ever")
                return all
            }
            guard let answer = server.answer(next.telex) else { continue }
            let more = solo.receive(answer, from: receiver)
            all += more
            open += more.to(receiver)
        }
        return all
    }

    private func message(_ text: String) -> Telex {
        Telex(hop: 1, signals: Signals(["+end": end, "+key": "8b9c", "+sig": "65", "+message": text]))
    }

    @Test("it gets a line and a tap, and signals from then on, for as long as it lives")
    func lives() {
        let solo = Solo(at: Solo.endpoint("127.0.0.1:42424"))
        let server = ServerJS()
        let first = converse(server, solo, solo.receive(ServerJS.hello, from: receiver))
        #expect(first.to(receiver).count <= 3)
        #expect(solo.node.status(now: solo.now).proven == 1)
        #expect(solo.node.status(now: solo.now).tapsTheirs == 1)
        for minute in 0..<10 {
            let copy = solo.receive(message("minute \(minute)"), from: author)
            #expect(copy.to(receiver).carrying("minute \(minute)").count == 1)
            _ = converse(server, solo, copy)
            for half in 0..<2 {
                _ = converse(server, solo, solo.advance(by: .seconds(30)))
                if half == 0 { #expect(solo.receive(ServerJS.ping, from: receiver).isEmpty) }
            }
        }
        #expect(solo.counter("line_missing") == 10, "its ping without a line is dropped silently")
        #expect(solo.node.status(now: solo.now).switches == 0, "it is no part of the DHT")
    }

    /// When the receiver of a recorded session pinged, in seconds.
    private func pings(in session: String, after start: Double) throws -> [Double] {
        let all = try Vectors.transcript(session).filter { $0.from == "\(receiver)" && $0.raw == ServerJS.ping }
        return all.map(\.time).filter { $0 > start }
    }

    @Test("it hears again with its first ping after our restart")
    func restart() throws {
        let server = ServerJS()
        let before = Solo(at: Solo.endpoint("127.0.0.1:42424"))
        _ = converse(server, before, before.receive(ServerJS.hello, from: receiver))
        let after = Solo(at: Solo.endpoint("127.0.0.1:42424"), seed: 2)
        // The original seed of the session is back at 20 s; the ping that brings the receiver back comes at 47 s.
        #expect(try pings(in: "seed-restart-original", after: 20).first.map { $0 < 48 } == true)
        #expect(after.receive(message("too early"), from: author).to(receiver).isEmpty)
        _ = converse(server, after, after.receive(ServerJS.ping, from: receiver))
        #expect(after.receive(message("heard"), from: author).to(receiver).carrying("heard").count == 1)
    }

    @Test(
        "it hears again with its first ping after the network was gone for 95 s, with the pings of a recorded session")
    func outage() throws {
        let server = ServerJS()
        let solo = Solo(at: Solo.endpoint("127.0.0.1:42424"))
        let start = solo.now
        _ = converse(server, solo, solo.receive(ServerJS.hello, from: receiver))
        let times = try pings(in: "outage-95s", after: 0)
        #expect(times.count >= 7)
        for time in times {
            let sent = solo.advance(by: solo.now.duration(to: start.advanced(by: .milliseconds(Int(time * 1_000)))))
            if (40...130).contains(time) { continue }
            _ = converse(server, solo, sent)
            _ = converse(server, solo, solo.receive(ServerJS.ping, from: receiver))
            let copies = solo.receive(message("at \(time)"), from: author)
            #expect(copies.to(receiver).carrying("at \(time)").count == 1)
            _ = converse(server, solo, copies)
        }
        #expect(solo.counter("tappers_rung") == 1)
    }

    @Test("its own posts come back to it, which is how it sees them")
    func echo() throws {
        let solo = Solo(at: Solo.endpoint("127.0.0.1:42424"))
        let server = ServerJS()
        _ = converse(server, solo, solo.receive(ServerJS.hello, from: receiver))
        let line = try #require(server.line)
        let post = Telex(line: line, signals: Signals(["+end": end, "+key": "k", "+message": "mine"]))
        let sent = solo.receive(post, from: receiver)
        #expect(sent.to(receiver).carrying("mine").map(\.telex.hop) == [1])
    }

    @Test("it is served again at once when it, or we, come back")
    func restarts() {
        let server = ServerJS()
        let solo = Solo(at: Solo.endpoint("127.0.0.1:42424"))
        _ = converse(server, solo, solo.receive(ServerJS.hello, from: receiver))
        solo.advance(by: .seconds(20))
        let reborn = Solo(at: Solo.endpoint("127.0.0.1:42424"), seed: 2)
        _ = converse(server, reborn, reborn.receive(ServerJS.hello, from: receiver))
        let copy = reborn.receive(message("after"), from: author)
        #expect(copy.to(receiver).carrying("after").count == 1)
    }

    @Test("a receiver that knows only A gets what is published at B, and A and B get what it posts")
    func throughMesh() throws {
        let wire = Wire()
        let (a, b) = (Endpoint.local(1), Endpoint.local(2))
        let tweets = try #require(NodeID(hex: end))
        wire.add(a, ends: [tweets])
        wire.add(b, seeds: [a], ends: [tweets], knowsItself: false)
        let server = ServerJS()
        var got: [String] = []
        wire.add(receiver) { datagram in
            guard let telex = datagram.telex else { return [] }
            if let text = telex.signals["+message"] { got.append(text) }
            return server.answer(telex).map { [$0] } ?? []
        }
        wire.send(Array(ServerJS.hello.utf8), from: receiver, to: a)
        wire.run(for: .seconds(2))
        wire.publish("from B", end: tweets, from: b)
        wire.run(for: .seconds(1))
        #expect(got == ["from B"])
        let line = try #require(server.line)
        let post = Telex(line: line, signals: Signals(["+end": end, "+key": "k", "+message": "from 2011"]))
        wire.send(post.encoded(), from: receiver, to: a)
        wire.run(for: .seconds(1))
        #expect(wire.deliveries[a]?.contains("from 2011") == true)
        #expect(wire.deliveries[b]?.contains("from 2011") == true)
        #expect(got == ["from B", "from 2011"])
    }
}

@Suite("Everything that was recorded in 2011")
struct TranscriptReplayTests {
    @Test("no recorded telex crashes a switch, or makes it answer what it must not", arguments: Vectors.transcriptNames)
    func replay(_ name: String) throws {
        let datagrams = try Vectors.transcript(name)
        // Our switch sits where the recorded seed sat, and hears what the seed heard and what others said elsewhere.
        let solo = Solo(at: nil)
        solo.start()
        var received: [Endpoint: Int] = [:]
        var sent: [Endpoint: Int] = [:]
        var proven: Set<Endpoint> = []
        var last = 0.0
        for datagram in datagrams {
            let wait = datagram.time - last
            last = datagram.time
            for late in solo.advance(by: .milliseconds(Int(max(0, wait) * 1000))) {
                sent[late.to, default: 0] += late.bytes.count
            }
            let sender = try #require(Endpoint(datagram.from))
            received[sender, default: 0] += datagram.bytes.count
            let before = solo.node.status(now: solo.now).proven
            let answers = solo.receive(datagram.bytes, from: sender)
            if solo.node.status(now: solo.now).proven > before { proven.insert(sender) }
            let telex = try Telex.decode(datagram.bytes)
            // A tap without a line asks for one.
            if telex.signals.isEmpty, telex.ring == nil, telex.tap == nil || telex.line != nil {
                #expect(answers.isEmpty, "answered a telex that asks nothing: \(datagram.raw)")
            }
            if telex.hop > 0 { #expect(!answers.contains { $0.telex.see != nil }, "\(datagram.raw)") }
            for answer in answers {
                sent[answer.to, default: 0] += answer.bytes.count
                #expect(received[answer.to] != nil, "sent to somebody who never spoke")
            }
        }
        for (endpoint, bytes) in sent where !proven.contains(endpoint) {
            #expect(bytes <= 3 * (received[endpoint] ?? 0), "\(endpoint)")
        }
        // The recorded lines were made with other rings, so nothing of it can prove anything.
        #expect(solo.node.status(now: solo.now).tapsTheirs == 0)
    }

    @Test("a switch that listens at the end delivers every recorded message once")
    func delivers() throws {
        let solo = Solo(at: Solo.endpoint("127.0.0.1:46601"))
        let tweets = try #require(NodeID(hex: "8bf1cce916417d16b7554135b6b075fb16dd26ce"))
        solo.tap([tweets])
        let client = Solo.endpoint("127.0.0.1:46620")
        let posts = try Vectors.transcript("p2pmsg-nodeseed").filter {
            $0.from == client.description && $0.raw.contains("+key")
        }
        for post in posts + posts { solo.receive(post.bytes, from: client) }
        #expect(solo.deliveries.count == posts.count && posts.count == 5)
    }

    @Test("the telexes of a Node switch of 2011, with the rings of this run, make a proven line")
    func nodeDialsUs() throws {
        let solo = Solo(at: Solo.endpoint("127.0.0.1:46101"))
        let node = Solo.endpoint("127.0.0.1:46102")
        let dial =
            "{\"_to\":\"127.0.0.1:46101\",\"+end\":\"49cffd483eb3ba6163e40a2c14e19e11d3bca037\",\"_ring\":14180,\"_br\":0}"
        let answer = try #require(solo.receive(dial, from: node).first?.telex)
        let line = try #require(answer.line)
        #expect(line % 14180 == 0 && answer.ring == nil)
        let keepalive = """
            {"_to":"127.0.0.1:46101","+end":"02871a7a09b2a8a1619992aaff96fbfde3909ad2",".see":["127.0.0.1:46102"],\
            ".tap":[{"is":{"+end":"02871a7a09b2a8a1619992aaff96fbfde3909ad2"},"has":["+pop"]}],"_line":\(line),"_br":79}
            """
        let sent = solo.receive(keepalive, from: node)
        #expect(sent.contains { $0.telex.see == [Solo.endpoint("127.0.0.1:46101")] })
        let status = solo.node.status(now: solo.now)
        #expect(status.proven == 1 && status.switches == 1 && status.tapsTheirs == 1)
    }

    @Test("dialling a Node switch of 2011 proves the line by its answer")
    func weDialNode() throws {
        let seed = Solo.endpoint("127.0.0.1:46101")
        let solo = Solo(at: nil, seeds: [seed])
        let dial = try #require(solo.start().first?.telex)
        let ring = try #require(dial.ring)
        #expect(dial.signals["+end"] == seed.nodeID.hex && dial.to == seed && dial.br == 0)
        let answer =
            "{\"_to\":\"127.0.0.1:46102\",\".see\":[\"127.0.0.1:46101\"],\"_line\":\(ring * 21_309 % (ring * 32_768)),\"_br\":176}"
        solo.receive(answer, from: seed)
        let status = solo.node.status(now: solo.now)
        #expect(status.proven == 1 && status.switches == 1)
        #expect(status.address == Solo.endpoint("127.0.0.1:46102"))
    }
}
