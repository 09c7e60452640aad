import Crypto
import TelehashWire

/// The id of a message: SHA-256 of its canonical bytes, 32 bytes. The signature is not part of it.
package struct MessageID: Hashable, Comparable, Sendable, CustomStringConvertible {
    // Four big-endian words: no heap, and the order of ids is the order of their hex.
    private let w0: UInt64
    private let w1: UInt64
    private let w2: UInt64
    private let w3: UInt64

    /// - Parameter hex: exactly 64 lower-case hex digits; nil for anything else.
    package init?(hex: String) {
        guard hex.utf8.count == 64 else { return nil }
        let text = hex.utf8.span
        guard let w0: UInt64 = Hex.word(text, at: 0), let w1: UInt64 = Hex.word(text, at: 16),
            let w2: UInt64 = Hex.word(text, at: 32), let w3: UInt64 = Hex.word(text, at: 48)
        else { return nil }
        (self.w0, self.w1, self.w2, self.w3) = (w0, w1, w2, w3)
    }

    /// - Parameter bytes: exactly 32 bytes; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        // From where they lie: a page has one in each row, and a loop over any collection is a microsecond.
        self =
            bytes.withContiguousStorageIfAvailable { MessageID(bigEndian: UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes { MessageID(bigEndian: $0) }
    }

    /// The id of a message with these canonical bytes.
    init(ofCanonical bytes: [UInt8]) {
        WorkCount.did(.hash)
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        self = hash.finalize().withUnsafeBytes { MessageID(bigEndian: $0) }
    }

    /// - Parameter bytes: at least 32.
    private init(bigEndian bytes: UnsafeRawBufferPointer) {
        func word(_ offset: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        self.init(w0: word(0), w1: word(8), w2: word(16), w3: word(24))
    }

    private init(w0: UInt64, w1: UInt64, w2: UInt64, w3: UInt64) {
        self.w0 = w0
        self.w1 = w1
        self.w2 = w2
        self.w3 = w3
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            for index in 0..<32 {
                let word = index < 8 ? w0 : index < 16 ? w1 : index < 24 ? w2 : w3
                buffer[index] = UInt8(truncatingIfNeeded: word >> (56 - (index & 7) * 8))
            }
            count = 32
        }
    }

    /// 64 lower-case hex digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: 64) { text in
            Hex.write(w0, to: text, at: 0)
            Hex.write(w1, to: text, at: 16)
            Hex.write(w2, to: text, at: 32)
            Hex.write(w3, to: text, at: 48)
            return 64
        }
    }

    package var description: String { hex }

    package static func < (a: Self, b: Self) -> Bool {
        (a.w0, a.w1, a.w2, a.w3) < (b.w0, b.w1, b.w2, b.w3)
    }
}
