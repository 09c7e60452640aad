import Messages
import Testing

@testable import Bus

@Suite struct BusMessageTests {
    private func header(kind: UInt8) -> [UInt8] { [0x50, 0x32, BusMessage.version, kind] }

    @Test func everyMessage_survivesTheFrame_andIsOne() throws {
        for message in try Samples.all() {
            let frames = message.frames()
            #expect(try BusMessage.decode(frames) == message)
            #expect(frames.count == 1, "a dealer must never be between two frames of a message")
        }
    }

    @Test func samples_coverEveryKind() throws {
        let kinds = Set(try Samples.all().compactMap(\.kind))
        #expect(kinds == Set(BusMessage.Kind.allCases))
    }

    @Test func header_saysProtocolVersionAndKind() throws {
        #expect(BusMessage.routerBeat.frames() == [[0x50, 0x32, 6, 22]])
    }

    /// Nodes of different releases talk as long as the version stays: then no byte may move.
    @Test func frames_areThoseOfThisVersion() throws {
        #expect(BusMessage.version == 6)
        var digest = Digest()
        for frame in try Samples.fixed().flatMap({ $0.frames() }) { digest.add(frame) }
        #expect(digest.value == 1_394_573_976_611_538_370)
    }

    /// What is wrong with a frame is said in the same words, and found at the same place, whatever reads it.
    @Test func errors_areThoseOfThisVersion() throws {
        var digest = Digest()
        for frame in try Samples.fixed().flatMap({ $0.frames() }) {
            for place in frame.indices {
                for value in [0, 1, 7, 0x7F, 0xFF] as [UInt8] {
                    var changed = frame
                    changed[place] = value
                    let said: String
                    do throws(BusDecodeError) {
                        said = try BusMessage.decode([changed]).name
                    } catch {
                        said = error.description
                    }
                    digest.add(Array(said.utf8))
                }
            }
        }
        #expect(digest.value == 3_953_570_488_867_461_513)
    }

    @Test func otherVersion_isNamedInTheError() throws {
        var frames = BusMessage.statusRequest(RequestID(42)).frames()
        frames[0][2] = 9
        #expect(throws: BusDecodeError.unknownVersion(9)) { try BusMessage.decode(frames) }
        #expect(BusDecodeError.unknownVersion(9).description.contains("version 9"))
        #expect(BusMessage.requestID(ofUnreadable: frames) == RequestID(42))
    }

    @Test func unknownKind_isNamedInTheError() throws {
        #expect(throws: BusDecodeError.unknownKind(99)) {
            try BusMessage.decode([header(kind: 99) + [1, 2, 3]])
        }
    }

    @Test(arguments: [
        [], [[]], [[1]], [[0x50, 0x32, 3]], [[0x50, 0x32, 4, 22], []], [[0x51, 0x32, 3, 22]],
    ])
    func wrongShape_isNotOurs(frames: [[UInt8]]) {
        #expect(throws: BusDecodeError.notOurs) { try BusMessage.decode(frames) }
    }

    @Test func pinnedNameThatIsNone_isRefused() throws {
        let key = try Samples.signed("a message", at: 1).key
        let rule = Rule(subject: .name(of: key), isActive: true, at: 1, reason: "a\u{202E}b")
        let frames = BusMessage.control(RequestID(1), .set(rule)).frames()
        #expect(throws: BusDecodeError.malformed("a pinned name")) { try BusMessage.decode(frames) }
    }

    @Test func bytesLeftOver_areRefused() throws {
        for message in try Samples.all() {
            var frames = message.frames()
            frames[0].append(0)
            #expect(throws: BusDecodeError.self, "\(message.name)") { try BusMessage.decode(frames) }
        }
    }

    @Test func everyTruncation_isRefused() throws {
        for message in try Samples.all() {
            let frames = message.frames()
            for count in 0..<frames[0].count {
                let cut = [Array(frames[0].prefix(count))]
                #expect(throws: BusDecodeError.self, "\(message.name), \(count) bytes") { try BusMessage.decode(cut) }
            }
        }
    }

    /// A list's length is foreign input: it must not be believed before the bytes are there.
    @Test func hugeLengths_allocateNothing() {
        let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        for kind in BusMessage.Kind.allCases {
            let header = header(kind: kind.rawValue)
            _ = try? BusMessage.decode([header + huge])
            _ = try? BusMessage.decode([header + [UInt8](repeating: 0xFF, count: 200)])
        }
        #expect(throws: BusDecodeError.tooLong(limit: BusLimits.deliverBatch)) {
            try BusMessage.decode([header(kind: BusMessage.Kind.deliver.rawValue) + huge])
        }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func mutatedFrames_neverTrap(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let samples = try Samples.all().map { $0.frames() }
        var readable = 0
        for _ in 0..<2_000 {
            var frames = samples[Int(random.next() % UInt64(samples.count))]
            for _ in 0...random.next() % 4 {
                let index = Int(random.next() % UInt64(frames[0].count))
                frames[0][index] = UInt8(truncatingIfNeeded: random.next())
            }
            if (try? BusMessage.decode(frames)) != nil { readable += 1 }
        }
        // Some changes hit numbers and stay readable; if none did, the test would not test much.
        #expect(readable > 20, "seed \(seed)")
    }
}

/// FNV-1a (Fowler, Noll, Vo) of byte strings, each behind its length.
private struct Digest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: [UInt8]) {
        for byte in Array("\(bytes.count):".utf8) + bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
