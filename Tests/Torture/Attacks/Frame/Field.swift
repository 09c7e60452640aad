import Bus
import BusClient
import Foundation
import Messages
import TestSupport

/// A node that is attacked, or stands by.
struct AttackedNode: Sendable {
    let name: String
    let node: TestNode
    let client: BusClient
    let store: StoreID
    /// Whether what people write in ten minutes fits.
    let hasRoom: Bool

    /// Behind what the node takes for its proxy.
    var http: HTTPClient { node.http }

    func address() throws -> Address {
        guard let address = Address(node.host, port: node.udpPort) else {
            throw NotInTime("\(node.host) is no address")
        }
        return address
    }

    /// A page, as a visitor gets it through the proxy.
    func get(_ path: String, as visitor: String = "198.51.100.1") async throws -> HTTPResponse {
        try await http.request("GET", path, headers: ["X-Forwarded-For": visitor], within: .seconds(5))
    }

    /// Publishes as somebody on the command line does.
    ///
    /// - Returns: why no store has it; nil: one has.
    func publish(_ message: SignedMessage) async -> String? {
        do throws(BusError) {
            let receipt = try await client.publish(
                message, acks: 1, from: .commandLine, timeout: Verdict.patience)
            return receipt.stored.isEmpty ? receipt.hindrance ?? "not stored" : nil
        } catch {
            return error.refusal?.code ?? error.code.rawValue
        }
    }

    /// Whether the store has a message.
    func has(_ id: MessageID) async -> Bool {
        guard let answer = try? await client.query(.message(id)), let rows = answer.body.page?.rows else {
            return false
        }
        return !rows.isEmpty
    }

    /// Whether it gets there in time.
    func gets(_ id: MessageID, within limit: Duration = Verdict.patience) async -> Bool {
        await missing(of: [id], within: limit).isEmpty
    }

    /// Which of them do not get there in time. All are waited for at once.
    func missing(of ids: [MessageID], within limit: Duration = Verdict.patience) async -> Set<MessageID> {
        let deadline = ContinuousClock.now + limit
        var missing = ids
        while true {
            var still: [MessageID] = []
            for id in missing where await !has(id) { still.append(id) }
            missing = still
            guard !missing.isEmpty, ContinuousClock.now < deadline, await letPass(.milliseconds(200)) else {
                return Set(missing)
            }
        }
    }

    /// How many messages of an author are shown, up to 500.
    func count(of key: PublicKey) async throws -> Int {
        let answer = try await client.query(.timeline(.init(author: key, limit: UInt32(BusLimits.pageRows))))
        return answer.body.page?.rows.count ?? 0
    }

    func summary() async throws -> Summary {
        guard let summary = try await client.query(.summary, of: store).body.summary else {
            throw NotInTime("\(name) has no summary")
        }
        return summary
    }

    /// Puts messages into the store as an import does.
    func keep(_ messages: [SignedMessage], receivedAt: Int64? = nil) async throws {
        var rest = messages[...]
        while !rest.isEmpty {
            var (batch, bytes): ([StoredMessage], Int) = ([], 0)
            while let message = rest.first, batch.count < BusLimits.importRows, bytes < BusLimits.importBytes * 3 / 4 {
                bytes += message.signals.encodedByteCount + 64
                batch.append(
                    StoredMessage(message: message, receivedAt: receivedAt ?? message.at ?? Timestamp.now, channel: nil)
                )
                rest.removeFirst()
            }
            let answer = try await client.control(.store(batch), of: store, timeout: .seconds(60))
            guard let counts = answer.body.imported, counts.refused.isEmpty else {
                throw NotInTime("\(name) does not take an import: \(answer.body)")
            }
        }
    }

    /// Processes of one program.
    func processes(_ program: String) -> [pid_t] { node.site.processes(named: program) }

    /// What the store takes on the disk.
    var diskBytes: Int {
        let folder = node.site.directory.file("node")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.reduce(0) { sum, name in
            let size = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.size] as? Int
            return sum + (name.hasPrefix("store") ? size ?? 0 : 0)
        }
    }
}

extension [AttackedNode] {
    /// Each with what it does not get in time. All are waited for at once.
    func missing(of ids: [MessageID]) async -> [(node: AttackedNode, ids: Set<MessageID>)] {
        await withTaskGroup(of: (AttackedNode, Set<MessageID>).self) { group in
            for node in self { group.addTask { (node, await node.missing(of: ids)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// What one attack sees of the field.
struct Ground: Sendable {
    let nodes: [AttackedNode]
    /// The node that is attacked.
    let place: Int
    /// How often a second.
    let rate: Double
    let size: Int
    /// Somebody who is a number of the attack's own: an address of 127.0.0.0/8.
    let attacker: String
    /// Others flood the same mesh with new keys, which leave a stranger little.
    let isCrowded: Bool

    var victim: AttackedNode { nodes[place] }
    var others: [AttackedNode] { nodes.indices.filter { $0 != place }.map { nodes[$0] } }
}

extension Ground {
    /// Makes an author known at some nodes, where others attack too.
    func introduce(_ author: Identity, to nodes: [AttackedNode]) async throws {
        guard isCrowded else { return }
        for node in nodes { try await node.node.run([["pin", author.publicKey.text, "of-\(attacker)"]]) }
    }
}

/// The nodes.
struct Field: Sendable {
    let nodes: [AttackedNode]
    private let grounds: [Ground]

    /// - Parameters:
    ///   - rate: of all attacks; nil: each has its own.
    ///   - share: which part of its own rate each has.
    ///   - size: of all attacks; nil: each has its own.
    static func open(
        for attacks: [any Attack.Type], rate: Double?, share: Double, size: Int?
    ) async throws -> Field {
        let places = Set(attacks.map { $0.place }).sorted()
        let count = max(places.count, attacks.map { $0.nodes }.max() ?? 1)
        var nodes: [AttackedNode] = []
        for number in 0..<count {
            let here = attacks.filter { places.firstIndex(of: $0.place) == number }
            let flags = Set(here.map { $0.flags }).flatMap { $0 } + ["--trusted-proxy", "127.0.0.1/32"]
            // Networks of their own: of two switches at one address only one counts.
            nodes.append(
                try await start(
                    "node \(number + 1)", at: "127.\(10 + number).7.1", flags, seeds: Array(nodes.prefix(1))))
        }
        for node in nodes where count > 1 {
            try await eventually("\(node.name) knows the others", within: .seconds(30), every: .milliseconds(200)) {
                try await node.client.status().lines.proven >= count - 1
            }
        }
        let all = nodes
        let grounds = attacks.enumerated().map { number, attack in
            Ground(
                nodes: all, place: places.firstIndex(of: attack.place) ?? 0, rate: rate ?? attack.rate * share,
                size: size ?? attack.size, attacker: "127.66.0.\(number + 1)",
                isCrowded: attacks.count > 1 && attacks.contains { $0 == FreshKeys.self })
        }
        return Field(nodes: nodes, grounds: grounds)
    }

    func ground(of number: Int) -> Ground { grounds[number] }

    private static func start(
        _ name: String, at host: String, _ flags: [String], seeds: [AttackedNode]
    ) async throws -> AttackedNode {
        let node = try await TestNode.start(
            host: host, seeds: seeds.map(\.node), arguments: flags, within: .seconds(40))
        let client = try BusClient(bus: node.bus, name: name)
        let store = try await eventually("\(name) has a store", within: .seconds(20)) {
            try await client.stores().first
        }
        return AttackedNode(
            name: name, node: node, client: client, store: store, hasRoom: !flags.contains("--keep"))
    }

    func close() async throws {
        for node in nodes.reversed() {
            await node.client.close()
            let (exit, leftovers) = try await node.node.stop()
            guard exit == .status(0), leftovers.isEmpty else {
                throw NotInTime("\(node.name) ended with \(exit), left \(leftovers)\n\(node.node.process.transcript)")
            }
        }
    }
}
