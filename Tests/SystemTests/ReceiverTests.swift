import Bus
import BusClient
import Foundation
import Messages
import Synchronization
import TestSupport
import Testing

extension SystemTests {
    @Suite("Receivers", .timeLimit(.minutes(3)))
    struct ReceiverTests {
        @Test func twoReceivers_onOneStore_shareTheWork() async throws {
            let node = try await SplitNode.start(stores: ["shared", "shared"])
            let texts = try await node.publish(200)
            let stores = try await node.stores()
            #expect(stores.count == 1)
            #expect(stores.first?["receivers"].int == 2)
            #expect(stores.first?["acked"].int == 200)

            var shares: [Int] = []
            for port in node.opsPorts {
                let metrics = try await HTTPClient(.tcp(port: port)).get("/metrics").body
                shares.append(SplitNode.committed(in: metrics))
            }
            #expect(shares.reduce(0, +) == 200, "each message went to exactly one: \(shares)")
            #expect(shares.allSatisfy { $0 > 0 }, "both worked: \(shares)")
            #expect(try await node.texts() == texts)
        }

        @Test func receivers_onTwoStores_eachHaveEverything() async throws {
            let node = try await SplitNode.start(stores: ["first", "second"])
            let texts = try await node.publish(50, acks: 2)
            let stores = try await node.stores()
            #expect(Set(stores.compactMap { $0["store"].string }).count == 2)
            #expect(stores.allSatisfy { $0["receivers"].int == 1 && $0["acked"].int == 50 })
            // One of them alone still shows everything, whichever it is.
            for survivor in [0, 1] {
                let gone = node.receivers[1 - survivor]
                gone.signal(SIGSTOP)
                defer { gone.signal(SIGCONT) }
                #expect(try await node.texts() == texts)
            }
        }

        @Test func aStoreThatIsNew_fetchesWhatTheOthersHave() async throws {
            let node = try await SplitNode.start(stores: ["first"])
            let texts = try await node.publish(700)
            let late = try node.site.start(
                Binaries.receiver, ["--store", node.site.directory.file("second.sqlite")])
            try await eventually("the new store is known", within: .seconds(10)) { try await node.stores().count == 2 }
            try await eventually("the new store has everything", within: .seconds(20)) {
                node.receivers[0].signal(SIGSTOP)
                defer { node.receivers[0].signal(SIGCONT) }
                return try await node.texts() == texts
            }
            #expect(late.isRunning)
        }

        @Test func aStoreThatIsNew_hidesWhatTheOthersHide() async throws {
            let node = try await SplitNode.start(stores: ["first"])
            let texts = try await node.publish(3)
            let id = try #require(
                try await node.site.run(Binaries.client, ["list", "--json", "--limit", "1"]).json().first?["id"].string)
            let hidden = try await node.site.run(Binaries.client, ["hide", id])
            try #require(hidden.status == 0, "\(hidden.errorText)")
            #expect(try await node.texts().count == texts.count - 1)
            let late = try node.site.start(
                Binaries.receiver, ["--store", node.site.directory.file("second.sqlite")])
            try await eventually("the new store is known", within: .seconds(10)) { try await node.stores().count == 2 }
            try await eventually("the new store has the rule", within: .seconds(20)) {
                let listed = try await node.site.run(Binaries.client, ["hide", "--list", "--json"])
                return Set(try listed.json().compactMap { $0["store"].string }).count == 2
            }
            node.receivers[0].signal(SIGSTOP)
            defer { node.receivers[0].signal(SIGCONT) }
            #expect(try await node.texts().count == texts.count - 1)
            #expect(late.isRunning)
        }

        @Test func kill9OfAReceiver_during2000AcknowledgedSends_losesNone() async throws {
            let node = try await SplitNode.start(stores: ["shared", "shared"])
            let victim = node.receivers[0]
            let texts = try await node.publish(2_000) { acknowledged in
                if acknowledged == 700 { victim.signal(SIGKILL) }
            }
            #expect(!victim.isRunning)
            #expect(try await node.texts() == texts)
        }
    }
}

/// A router and receivers as processes of their own, without the supervisor that would start a killed one again.
private struct SplitNode {
    let site: TestSite
    let router: TestProcess
    let receivers: [TestProcess]
    let opsPorts: [UInt16]

    static func start(stores: [String]) async throws -> SplitNode {
        let site = try TestSite()
        let udp = try FreePort.udp()
        let router = try site.start(Binaries.router, ["--udp", "127.0.0.1:\(udp)"])
        var receivers: [TestProcess] = []
        var ports: [UInt16] = []
        for store in stores {
            let port = try FreePort.tcp()
            let file = site.directory.file("\(store).sqlite")
            receivers.append(
                try site.start(Binaries.receiver, ["--store", file, "--ops", "127.0.0.1:\(port)"]))
            ports.append(port)
        }
        let node = SplitNode(site: site, router: router, receivers: receivers, opsPorts: ports)
        try await eventually("all receivers are known", within: .seconds(10)) {
            try await node.stores().compactMap { $0["receivers"].int }.reduce(0, +) == stores.count
        }
        return node
    }

    func stores() async throws -> [JSON] {
        let status = try await site.run(Binaries.client, ["status", "--json"])
        return try status.json().first?["stores"].array ?? []
    }

    /// Publishes that many texts, a hundred in flight, and demands a complete receipt for each.
    func publish(
        _ count: Int, acks: Int = 1, onReceipt: @escaping @Sendable (_ acknowledged: Int) -> Void = { _ in }
    ) async throws -> Set<String> {
        let client = try BusClient(bus: site.bus, name: "system-test")
        let identity = Identity.generate(.ed25519)
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let acknowledged = Acknowledged()
        let texts = (0..<count).map { "message \($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, text) in texts.enumerated() {
                if index >= 100 { try await group.next() }
                let message = try identity.sign(text, channel: .tweets, at: now + Int64(index))
                group.addTask {
                    let receipt = try await client.publish(
                        message, acks: acks, from: .commandLine, timeout: .seconds(30))
                    #expect(receipt.stored.count >= acks, "'\(text)' was not acknowledged")
                    onReceipt(acknowledged.count.add(1, ordering: .relaxed).newValue)
                }
            }
            try await group.waitForAll()
        }
        await client.close()
        return Set(texts)
    }

    /// Every text that the receivers have.
    func texts() async throws -> Set<String> {
        let listed = try await site.run(Binaries.client, ["list", "--json", "--limit", "10000", "--timeout", "10s"])
        try #require(listed.status == 0, "\(listed.errorText)")
        let texts = try listed.json().compactMap { $0["message"].string }
        #expect(Set(texts).count == texts.count, "no message twice")
        return Set(texts)
    }

    /// The number of messages that a receiver says it has committed.
    static func committed(in metrics: String) -> Int {
        metrics.split(separator: "\n").lazy.filter { $0.hasPrefix("p2pmsg_receiver_messages_stored_total") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.map { Int($0) }.reduce(0, +)
    }
}

private final class Acknowledged: Sendable {
    let count = Atomic(0)
}
