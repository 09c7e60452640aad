import Foundation
import TestSupport

/// One host that takes all places.
enum Connections: Attack {
    static let name = "connections"
    static let abstract = "5,000 connections of one host: silent ones, unfinished headers, event streams."
    static let place = 0
    static let size = 5_000

    static func prepare(on ground: Ground) async throws -> Strike {
        let count = try raiseLimit(to: ground.size)
        let port = ground.victim.node.httpPort
        let stream = "GET /events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        return { end in
            let peers = try await onThread {
                (0..<count).compactMap { number -> RawPeer? in
                    guard ContinuousClock.now < end, let peer = try? RawPeer(tcp: port, from: ground.attacker) else {
                        return nil
                    }
                    switch number % 3 {
                    case 0: peer.send(Array((stream + "\r\n").utf8))
                    case 1: peer.send(Array((stream + "X-Later: ").utf8))
                    default: break
                    }
                    return peer
                }
            }
            var ready = Portion()
            while ContinuousClock.now < end {
                let answer = try? await ground.victim.get("/readyz", as: "198.51.100.250")
                ready.note(status: answer?.status) { $0 == 200 }
                try await letTimePass(.milliseconds(500))
            }
            let made = withExtendedLifetime(peers) { peers.count }
            return [Check("connections made", "\(made)"), Check("readyz", ready)]
        }
    }

    /// - Returns: how many there can be.
    private static func raiseLimit(to count: Int) throws -> Int {
        let files = __rlimit_resource_t(7)  // RLIMIT_NOFILE
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { throw SystemError("getrlimit") }
        let others: rlim_t = 300
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, rlim_t(count) + others))
        guard setrlimit(files, &limit) == 0 else { throw SystemError("setrlimit") }
        return min(count, Int(limit.rlim_cur - others))
    }
}
