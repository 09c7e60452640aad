import Crypto

/// A place on the ring of 160-bit numbers: the SHA-1 of a switch's address text, or of the name of an end.
///
/// Held as three words, most significant first, so comparing and measuring distance touch no memory of their own.
public struct NodeID: Hashable, Sendable {
    @usableFromInline package let high: UInt64
    @usableFromInline package let middle: UInt64
    @usableFromInline package let low: UInt32

    @inlinable
    package init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// The SHA-1 of the text's UTF-8 bytes.
    public init(sha1Of text: String) {
        var text = text
        self = text.withUTF8 { NodeID(sha1Of: UnsafeRawBufferPointer($0)) }
    }

    /// The SHA-1 of the bytes.
    public init(sha1Of bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { NodeID(sha1Of: $0) }
    }

    init(sha1Of bytes: UnsafeRawBufferPointer) {
        var hash = Insecure.SHA1()
        hash.update(bufferPointer: bytes)
        self = hash.finalize().withUnsafeBytes { NodeID(bigEndian: $0) }
    }

    /// - Parameter bytes: exactly 20, the most significant first; `nil` for any other number.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 20 else { return nil }
        // From where they lie: a loop over any collection is a microsecond.
        self =
            bytes.withContiguousStorageIfAvailable { NodeID(bigEndian: UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes { NodeID(bigEndian: $0) }
    }

    /// - Parameter bytes: at least 20.
    private init(bigEndian bytes: UnsafeRawBufferPointer) {
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            middle: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            low: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
    }

    /// The 20 bytes, the most significant first.
    package var bytes: [UInt8] {
        (0..<20).map { index in
            let word = index < 8 ? high : index < 16 ? middle : UInt64(low) << 32
            return UInt8(truncatingIfNeeded: word >> UInt64(56 - (index & 7) * 8))
        }
    }

    // Written out, so that they are inlined in the modules whose tables are keyed by places.

    @inlinable
    public static func == (lhs: NodeID, rhs: NodeID) -> Bool {
        lhs.high == rhs.high && lhs.middle == rhs.middle && lhs.low == rhs.low
    }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(high)
        hasher.combine(middle)
        hasher.combine(low)
    }
}
