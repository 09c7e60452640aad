/// A short name for content, for cache validators and asset addresses (FNV-1a, 64 bits, then mixed). Not for secrets:
/// whoever wants two contents with one fingerprint can make them.
struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    let value: UInt64

    init(_ bytes: some Sequence<UInt8>) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        // The finalizer of SplitMix64: FNV alone leaves the high bits of short inputs alike.
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        value = hash ^ (hash >> 31)
    }

    /// 16 hex digits.
    var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
