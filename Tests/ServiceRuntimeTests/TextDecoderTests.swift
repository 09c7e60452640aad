import ServiceRuntime
import Testing

/// What other systems put into text files.
@Suite struct TextDecoderTests {
    private static let text = "Grüße, 世界 🌍\n\"two\"\n"

    private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
        ("\u{FEFF}" + text).utf16.flatMap { unit in
            let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return isBigEndian ? bytes : bytes.reversed()
        }
    }

    @Test(arguments: [
        Array(text.utf8), Array("\u{FEFF}\(text)".utf8), utf16(text, isBigEndian: true),
        utf16(text, isBigEndian: false),
        Array("\(text)\u{1A}".utf8),
    ])
    func everyEncoding_isReadAlike_howeverItIsCut(_ bytes: [UInt8]) {
        #expect(TextDecoder.utf8(bytes) == Array(Self.text.utf8))
        for size in 1...7 {
            var decoder = TextDecoder()
            var result: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                result += decoder.feed(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(result + decoder.finish() == Array(Self.text.utf8), "in pieces of \(size)")
        }
    }

    @Test func whatIsNoMark_andNotAtTheEnd_stays() {
        for bytes in [[], [0xEF], [0xEF, 0xBB], [0xFF], [0x1A, 0x61], [0x61, 0xEF, 0xBB, 0xBF]] as [[UInt8]] {
            #expect(TextDecoder.utf8(bytes) == bytes)
        }
    }

    @Test(
        arguments: [
            [0xFF, 0xFE, 0x00, 0xD8, 0x61, 0x00], [0xFF, 0xFE, 0x00, 0xDC], [0xFF, 0xFE, 0x61, 0x00, 0x00],
            [0xFE, 0xFF, 0xD8, 0x00],
        ] as [[UInt8]])
    func halfCharacters_areNoUTF8(_ bytes: [UInt8]) {
        #expect(String(validating: TextDecoder.utf8(bytes), as: UTF8.self) == nil)
    }
}
