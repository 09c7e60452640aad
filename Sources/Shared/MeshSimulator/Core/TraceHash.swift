import Telehash

/// A fingerprint of everything that happened in a run, in order. Two runs of one seed that differ anywhere differ here.
struct TraceHash: Sendable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
        value ^= value >> 29
    }

    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset + 8 <= raw.count {
                add(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
            var rest = UInt64(raw.count)
            while offset < raw.count {
                rest = rest << 8 | UInt64(raw[offset])
                offset += 1
            }
            add(rest)
        }
    }

    mutating func add(_ endpoint: Endpoint) {
        switch endpoint.address {
        case .v4(let bits):
            add(UInt64(bits))
        case .v6(let high, let low):
            add(high)
            add(low)
        }
        add(UInt64(endpoint.port))
    }
}
