import Telehash
import TelehashWire

/// Notices what about the mesh an operator must know; says nothing while nothing changes.
struct MeshWatch: Sendable {
    /// What is looked at.
    struct View: Sendable {
        let address: Endpoint?
        /// Those that answer.
        let switches: Int
        var udp = UDPStatus()
    }

    enum Note: Equatable, Sendable {
        case addressLearned(Endpoint)
        case addressChanged(from: Endpoint, to: Endpoint)
        case joined(switches: Int)
        /// Other nodes answer again, after it was reported that none did.
        case joinedAgain(switches: Int)
        /// Nobody answers any more.
        case lost
        /// Nobody has answered since the start, although there is somebody to ask.
        case notJoined
        /// The UDP socket has been lost for long, and why it can't be bound.
        case unbound(why: String)
        case boundAgain
    }

    /// Whether there is anybody to ask at the start.
    private let hasOthers: Bool
    private var address: Endpoint?
    private var hasLooked = false
    private var switches = 0
    private var mayComplain = true
    /// Whether the last that was said is that nobody answers.
    private var hasComplained = false
    private var wasUnbound = false
    private var hasToldUnbound = false

    init(hasOthers: Bool) {
        self.hasOthers = hasOthers
    }

    /// - Parameter uptime: since the router's start.
    mutating func look(_ view: View, uptime: Duration) -> [Note] {
        var notes: [Note] = []
        switch (address, view.address) {
        // What is there at the first look was configured.
        case (nil, let new?) where hasLooked: notes.append(.addressLearned(new))
        case (let old?, let new?) where old != new: notes.append(.addressChanged(from: old, to: new))
        default: break
        }
        if switches == 0, view.switches > 0 {
            notes.append(hasComplained ? .joinedAgain(switches: view.switches) : .joined(switches: view.switches))
            hasComplained = false
        }
        if switches > 0, view.switches == 0 {
            hasComplained = true
            notes.append(.lost)
        }
        if view.switches > 0 {
            mayComplain = false
        } else if mayComplain, hasOthers, uptime >= RouterLimits.joinPatience {
            mayComplain = false
            hasComplained = true
            notes.append(.notJoined)
        }
        if let unbound = view.udp.unboundFor {
            wasUnbound = true
            if unbound >= RouterLimits.unboundPatience, !hasToldUnbound {
                hasToldUnbound = true
                notes.append(.unbound(why: view.udp.why ?? "nobody knows why"))
            }
        } else if wasUnbound {
            (wasUnbound, hasToldUnbound) = (false, false)
            notes.append(.boundAgain)
        }
        (address, switches, hasLooked) = (view.address ?? address, view.switches, true)
        return notes
    }
}
