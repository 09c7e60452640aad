extension NodeID: Comparable {
    /// The bucket that `other` falls into, seen from here: the position of the highest bit in which the two differ.
    ///
    /// 159 is the furthest, 0 the closest, −1 the same place (proto.html of Telehash v1, "distance").
    @inlinable
    public func bucket(to other: NodeID) -> Int {
        let highXor = high ^ other.high
        if highXor != 0 { return 159 - highXor.leadingZeroBitCount }
        let middleXor = middle ^ other.middle
        if middleXor != 0 { return 95 - middleXor.leadingZeroBitCount }
        let lowXor = low ^ other.low
        return 31 - lowXor.leadingZeroBitCount
    }

    /// Whether `a` is nearer to this place than `b` is, by the full XOR metric; `false` when they are the same.
    @inlinable
    public func isCloser(_ a: NodeID, than b: NodeID) -> Bool {
        distance(to: a) < distance(to: b)
    }

    /// The XOR of both places: Kademlia's distance, ordered as a number.
    @inlinable
    package func distance(to other: NodeID) -> NodeID {
        NodeID(high: high ^ other.high, middle: middle ^ other.middle, low: low ^ other.low)
    }

    /// The order of the 160-bit numbers, which is also the order of their hex texts.
    @inlinable
    public static func < (lhs: NodeID, rhs: NodeID) -> Bool {
        if lhs.high != rhs.high { return lhs.high < rhs.high }
        if lhs.middle != rhs.middle { return lhs.middle < rhs.middle }
        return lhs.low < rhs.low
    }
}
