/// Bounds of the simulator itself; those of the switches are ``Telehash/Limits``.
enum SimulatorLimits {
    /// Wakes of one node at one instant before the run is called stalled: a switch that plans its next wake for a
    /// moment that has passed would keep virtual time from moving.
    static let wakesAtOneInstant = 100

    /// How far a stalled node's wake is put off, so that the run goes on and the violation can be reported.
    static let stallPause: Int64 = 10_000_000

    /// The shortest time, in nanoseconds, between two wakes of a scripted peer.
    static let shortestPeerPause: Int64 = 1_000

    /// Violations that are written out; the others are only counted.
    static let reportedViolations = 100

    /// Bytes that wait for a frozen process: Linux' default socket buffer (net.core.rmem_default).
    static let socketBufferBytes = 212_992

    /// What a datagram takes of that buffer beyond its own bytes: about what Linux counts for the frame and its
    /// description.
    static let datagramOverhead = 768
}
