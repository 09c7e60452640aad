import Logging
import ServiceRuntime

extension Logger {
    /// - Parameters:
    ///   - seeds: the nodes that this one was told to join.
    ///   - udp: where the socket listens.
    func say(_ note: MeshWatch.Note, seeds: [SeedAddress], udp: ListenAddress) {
        switch note {
        case .addressLearned(let address):
            info("this node's address is known", metadata: ["address": "\(address)"])
        case .addressChanged(let old, let new):
            notice(
                "other nodes see this one at another address; if that is wrong, set --advertise",
                metadata: ["address": "\(new)", "before": "\(old)"])
        case .joined(let switches):
            info("joined the mesh", metadata: ["switches": "\(switches)"])
        case .joinedAgain(let switches):
            notice("other nodes answer again", metadata: ["switches": "\(switches)"])
        case .lost:
            warning(
                """
                no other node answers any more; look at the network and at the firewall (UDP). Seeds are dialled every 10 s, \
                and their names looked up; others that are known are tried again and again
                """)
        case .notJoined:
            warning(
                """
                no other node has answered yet; look at the seeds and at the firewall (UDP). They are dialled every 10 s, and \
                their names looked up
                """, metadata: ["seeds": "\(seeds.map(\.description).joined(separator: " "))"])
        case .unbound(let why):
            warning(
                "the UDP socket is lost, so no other node can be reached; it is bound again every 5 s",
                metadata: ["udp": "\(udp)", "why": "\(why)"])
        case .boundAgain: notice("the UDP socket was lost and is bound again", metadata: ["udp": "\(udp)"])
        }
    }

    func say(_ note: SeedBook.Note) {
        switch note {
        case .unknown(let seed, let why):
            warning(
                "a seed's name stands for no address (yet); it is looked up again, at least every 10 s",
                metadata: ["seed": "\(seed)", "why": "\(why)"])
        case .known(let seed, let endpoints):
            notice(
                "a seed's name is known now",
                metadata: [
                    "seed": "\(seed)", "addresses": "\(endpoints.map(\.description).joined(separator: " "))",
                ])
        }
    }
}
