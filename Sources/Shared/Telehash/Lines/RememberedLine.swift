import TelehashWire

/// A line as one life of a switch hands it on to the next at the same address: switches of 2011 are deaf to another ring
/// until they forget the line, which takes them 80 to 92 s. The rings are a secret of the two.
public struct RememberedLine: Hashable, Sendable {
    public let endpoint: Endpoint
    /// Ours, 1…32768.
    public let ringOut: Int
    /// The peer's, 1…32768.
    public let ringIn: Int
    /// Bytes that were sent over the line.
    public let sent: Int
    /// Bytes that were accepted from the peer.
    public let received: Int

    /// `nil` where a figure is out of its range.
    public init?(endpoint: Endpoint, ringOut: Int, ringIn: Int, sent: Int, received: Int) {
        let rings = 1...WireLimits.largestRing
        let bytes = 0...Int(Int32.max) * 1_024
        guard rings.contains(ringOut), rings.contains(ringIn), bytes.contains(sent), bytes.contains(received) else {
            return nil
        }
        self.endpoint = endpoint
        self.ringOut = ringOut
        self.ringIn = ringIn
        self.sent = sent
        self.received = received
    }

    /// Whether it is the same line, whatever passed over it.
    public func hasRings(of other: RememberedLine) -> Bool {
        (endpoint, ringOut, ringIn) == (other.endpoint, other.ringOut, other.ringIn)
    }
}
