import Telehash

/// Notices what about the mesh an operator must know; says nothing while nothing changes.
struct MeshWatch: Sendable {
    /// What is looked at.
    struct View: Sendable {
        let address: Endpoint?
        let switches: Int
    }

    enum Note: Equatable, Sendable {
        case addressLearned(Endpoint)
        case addressChanged(from: Endpoint, to: Endpoint)
        case joined(switches: Int)
        /// Nobody answers any more.
        case lost
        /// Nobody has answered since the start, although there is somebody to ask.
        case notJoined
    }

    /// Whether there is anybody to ask at the start.
    private let hasOthers: Bool
    private var address: Endpoint?
    private var hasLooked = false
    private var switches = 0
    private var mayComplain = true

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
        if switches == 0, view.switches > 0 { notes.append(.joined(switches: view.switches)) }
        if switches > 0, view.switches == 0 { notes.append(.lost) }
        if view.switches > 0 {
            mayComplain = false
        } else if mayComplain, hasOthers, uptime >= RouterLimits.joinPatience {
            mayComplain = false
            notes.append(.notJoined)
        }
        (address, switches, hasLooked) = (view.address ?? address, view.switches, true)
        return notes
    }
}
