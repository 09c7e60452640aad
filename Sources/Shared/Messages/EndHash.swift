import Crypto

/// The value of `+end`: the SHA-1 of a channel's name, 20 bytes; where on the DHT the channel lives.
public struct EndHash: Hashable, Sendable, CustomStringConvertible {
    // Big-endian words: no heap.
    private let w0: UInt64
    private let w1: UInt64
    private let w2: UInt32

    /// The end of the channel `tweets`: a constant in the programs of 2011, not the hash of that name.
    static let tweets = EndHash(w0: 0x8bf1_cce9_1641_7d16, w1: 0xb755_4135_b6b0_75fb, w2: 0x16dd_26ce)

    /// - Parameter hex: exactly 40 lower-case hex digits; nil for anything else.
    public init?(hex: String) {
        self.init(hexDigits: hex.utf8.span)
    }

    init?(hexDigits text: Span<UInt8>) {
        guard text.count == 40, let w0: UInt64 = Hex.word(text, at: 0), let w1: UInt64 = Hex.word(text, at: 16),
            let w2: UInt32 = Hex.word(text, at: 32)
        else { return nil }
        self.init(w0: w0, w1: w1, w2: w2)
    }

    /// The end of the channel with this name, as it is written: nothing is trimmed or checked here.
    public init(ofChannel name: String) {
        if name.utf8.elementsEqual(Channel.tweetsName.utf8) {
            self = .tweets
            return
        }
        let hash = Array(Insecure.SHA1.hash(data: Array(name.utf8)))
        // SHA-1 has 20 bytes, so there is always an end.
        self = EndHash(bytes: hash) ?? .tweets
    }

    /// - Parameter bytes: exactly 20; nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 20 else { return nil }
        var words: (UInt64, UInt64, UInt32) = (0, 0, 0)
        for (index, byte) in bytes.enumerated() {
            switch index >> 3 {
            case 0: words.0 = words.0 << 8 | UInt64(byte)
            case 1: words.1 = words.1 << 8 | UInt64(byte)
            default: words.2 = words.2 << 8 | UInt32(byte)
            }
        }
        self.init(w0: words.0, w1: words.1, w2: words.2)
    }

    private init(w0: UInt64, w1: UInt64, w2: UInt32) {
        self.w0 = w0
        self.w1 = w1
        self.w2 = w2
    }

    /// The 20 bytes.
    public var bytes: [UInt8] {
        (0..<20).map { index in
            let word = index < 8 ? w0 : index < 16 ? w1 : UInt64(w2) << 32
            return UInt8(truncatingIfNeeded: word >> (56 - (index & 7) * 8))
        }
    }

    /// 40 lower-case hex digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: 40) { text in
            Hex.write(w0, to: text, at: 0)
            Hex.write(w1, to: text, at: 16)
            Hex.write(w2, to: text, at: 32)
            return 40
        }
    }

    public var description: String { hex }
}
