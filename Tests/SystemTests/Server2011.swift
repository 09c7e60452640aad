import Foundation
import Messages
import TestSupport

/// The receiver of 2011 (`server.js`) as it behaves on the wire: it knows one seed, proves nothing, and takes the ring
/// that it is given for its line.
///
/// What looks wrong here is what the original does: it greets once and never again, echoes a `_ring` as `_line`, answers
/// whatever has one of both with the same tap, sends no `_br`, and always writes the old public seed's address into `_to`.
actor Server2011 {
    private static let seedName = "208.68.163.247:42424"

    nonisolated let peer: UDPPeer
    /// Messages that arrived, doubles included: the original stores them all.
    private let stored = Mailbox<[String: String]>()
    /// The line, at each telex that named one.
    private let lines = Mailbox<Int>()
    private let seedPort: UInt16
    private var line: Int?
    private var listener: Task<Void, Never>?

    init(seedPort: UInt16) throws {
        peer = try UDPPeer()
        self.seedPort = seedPort
    }

    deinit { listener?.cancel() }

    func start() throws {
        listener = Task { [weak self, peer] in
            var next = 0
            while !Task.isCancelled {
                guard let found = await peer.received.first(from: next, within: .seconds(1)) else {
                    if peer.received.isFinished { return }
                    continue
                }
                next = found.index + 1
                await self?.take(found.element)
            }
        }
        let seed = Channel.end(ofName: "127.0.0.1:\(seedPort)")
        try peer.send(#"{"+end":"\#(seed.hex)"}"#, to: seedPort)
    }

    /// What its page's `/send` did: the signed signals with the line and without a hop.
    func post(_ message: SignedMessage) throws {
        let signals = message.signals
        let fields =
            ["+key", "+end", "+sig", "+message"].map { "\(Self.quoted($0)):\(Self.quoted(signals[$0] ?? ""))" }
            + ["\"_line\":\(line ?? 0)", "\"_to\":\"\(Self.seedName)\""]
        try peer.send("{" + fields.joined(separator: ",") + "}", to: seedPort)
    }

    /// Whether a switch has given it a line.
    func hasLine(within limit: Duration) async -> Bool { await lines.first(within: limit) != nil }

    /// The signals of a message with this text, as they arrived.
    func message(_ text: String, within limit: Duration) async -> [String: String]? {
        await stored.first(within: limit) { $0["+message"] == text }?.element
    }

    private func take(_ datagram: UDPPeer.Datagram) {
        guard let telex = try? JSON(parsing: datagram.text) else { return }
        if let number = telex["_ring"].int ?? telex["_line"].int {
            line = number
            lines.append(number)
            let tap = #"{".tap":[{"has":["+key"]}],"_line":\#(number),"_to":"\#(Self.seedName)"}"#
            try? peer.send(tap, to: datagram.port)
        }
        if telex["+key"].string != nil {
            let signals = (telex.object ?? [:]).compactMapValues(\.string).filter { $0.key.hasPrefix("+") }
            stored.append(signals)
        }
    }

    private static func quoted(_ text: String) -> String {
        let bytes = (try? JSONEncoder().encode(text)) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }
}
