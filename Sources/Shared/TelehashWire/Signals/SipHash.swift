/// A secret for fingerprints, drawn once for each switch.
public struct DigestKey: Hashable, Sendable {
    let first: UInt64
    let second: UInt64

    public init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    public init(using random: inout some RandomNumberGenerator) {
        self.init(random.next(), random.next())
    }
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012).
///
/// The standard library's `Hasher` is seeded for each process, so a simulated mesh would not run the same twice.
struct SipHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    static func hash(_ bytes: UnsafeRawBufferPointer, key: DigestKey) -> UInt64 {
        var state = SipHash(key: key)
        let wholeWords = bytes.count & ~7
        var offset = 0
        while offset < wholeWords {
            state.absorb(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        while offset < bytes.count {
            last |= UInt64(bytes[offset]) << UInt64(8 * (offset & 7))
            offset += 1
        }
        state.absorb(last)
        return state.finish()
    }

    private init(key: DigestKey) {
        v0 = key.first ^ 0x736f_6d65_7073_6575
        v1 = key.second ^ 0x646f_7261_6e64_6f6d
        v2 = key.first ^ 0x6c79_6765_6e65_7261
        v3 = key.second ^ 0x7465_6462_7974_6573
    }

    private mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    private mutating func finish() -> UInt64 {
        v2 ^= 0xff
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func round() {
        v0 &+= v1
        v1 = (v1 << 13 | v1 >> 51) ^ v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = (v3 << 16 | v3 >> 48) ^ v2
        v0 &+= v3
        v3 = (v3 << 21 | v3 >> 43) ^ v0
        v2 &+= v1
        v1 = (v1 << 17 | v1 >> 47) ^ v2
        v2 = v2 << 32 | v2 >> 32
    }
}
