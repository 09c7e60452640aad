import Telehash
import TelehashWire

/// The small world in which a fuzzed switch lives: the addresses that exist, the ends that are talked about, and the
/// messages that are said.
enum SwitchWorld {
    static let home = endpoint("50.1.2.3:42424")

    /// Everybody who may write to the switch. Groups that the switch treats differently: neighbours in one /24, ports of
    /// one IP, private space, IPv6, nobody's addresses, and its own.
    static let peers: [Endpoint] =
        (0..<8).map { endpoint("\(20 + $0).7.7.9:42424") }
        + ["90.1.1.1:5", "90.1.1.2:5", "90.1.1.3:5", "90.1.1.1:6", "90.1.1.1:7"].map(endpoint)
        + ["10.1.0.2:42424", "127.0.0.1:9", "[2a00:1450::1]:42424", "[fe80::1]:5", "224.0.0.1:5", "0.0.0.0:1"].map(
            endpoint)
        + [home]

    /// Ends that taps, publications and lookups are about.
    static let ends: [NodeID] = [NodeID(sha1Of: "tests"), home.nodeID, peers[0].nodeID, peers[13].nodeID]

    /// Message `number`: 64 of them, of four sizes, the largest of which is too long to be relayed.
    static let messages: [Signals] = (0..<64).map { number in
        let text = String(repeating: "x", count: [0, 100, 900, 3_000][number / 4 % 4])
        return Signals(["+end": ends[number % 4].hex, "+key": "k", "+message": "\(number)\(text)"])
    }

    /// Limits so small that twenty peers reach them all.
    static let smallLimits: Limits = {
        var limits = Limits.default
        limits.lines.unprovenLines = 6
        limits.lines.provenLines = 5
        limits.lines.queuedTelexes = 4
        limits.lines.queuedBytes = 4_000
        limits.lines.sendWindow = 2_000
        limits.lines.probeWindow = 2_360
        limits.lines.receiveWindow = 2_400
        limits.lines.reportEvery = 800
        limits.routing.dialQueue = 4
        limits.routing.dialledIPs = 4
        limits.routing.popTargets = 3
        limits.routing.lookups = 2
        limits.routing.lookupQueue = 3
        limits.routing.lookupCandidates = 8
        limits.routing.lookupQuestions = 5
        limits.routing.closestSets = 2
        limits.exchange.rememberedSignals = 8
        limits.exchange.openPublications = 3
        limits.lines.handOversPerLine = 3
        limits.lines.questionsPerLine = 2
        limits.lines.requests.burst = 20
        limits.lines.strangerSignals.burst = 20
        limits.exchange.adoptions.burst = 4
        limits.lines.lineTelexes.burst = 50
        limits.lines.lineTelexes.perSecond = 100
        limits.lines.silentPeerBytes.burst = 3_000
        limits.lines.silentPeerBytes.perSecond = 1_000
        limits.routing.k = 3
        limits.routing.replacements = 2
        return limits
    }()

    private static func endpoint(_ text: String) -> Endpoint {
        guard let endpoint = Endpoint(text) else { preconditionFailure("not an endpoint: \(text)") }
        return endpoint
    }
}
