import Telehash
import TelehashWire

/// A fingerprint of everything that happened in a run, in order. Two runs of one seed that differ anywhere differ here.
package struct TraceHash: Sendable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package mutating func add(_ word: UInt64) {
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

    mutating func add(_ delivery: Delivery) {
        add(delivery.from)
        add(UInt64(delivery.hop))
        for signal in delivery.signals {
            add(Array(signal.key.utf8))
            add(Array(signal.value.utf8))
        }
    }

    mutating func add(_ progress: PublicationProgress) {
        for word in [progress.id.value, UInt64(progress.handed), UInt64(progress.taken), progress.finished ? 1 : 0] {
            add(word)
        }
    }

    mutating func add(_ report: LookupReport) {
        for word in [report.id.value, UInt64(report.queries), UInt64(report.hops)] { add(word) }
        for endpoint in report.closest { add(endpoint) }
    }
}
