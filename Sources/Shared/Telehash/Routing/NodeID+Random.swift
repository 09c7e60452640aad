import TelehashWire

extension NodeID {
    /// A place in the given bucket as seen from `center`: the same bits above, the bit itself turned, the rest drawn.
    static func random(
        inBucket bucket: Int, of center: NodeID, using random: inout some RandomNumberGenerator
    ) -> NodeID {
        var high: UInt64 = random.next()
        var middle: UInt64 = random.next()
        var low = UInt32(truncatingIfNeeded: random.next() as UInt64)
        // The differing bits of the distance: zero above the bucket's bit, one at it, as drawn below.
        switch bucket {
        case 96..<160:
            high = high & (1 << UInt64(bucket - 96) - 1) | 1 << UInt64(bucket - 96)
        case 32..<96:
            high = 0
            middle = middle & (1 << UInt64(bucket - 32) - 1) | 1 << UInt64(bucket - 32)
        default:
            high = 0
            middle = 0
            let bit = UInt32(min(max(bucket, 0), 31))
            low = low & (1 << bit - 1) | 1 << bit
        }
        return center.distance(to: NodeID(high: high, middle: middle, low: low))
    }
}
