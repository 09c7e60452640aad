import Messages
import TelehashWire
import Testing

@Suite struct EncodingTests {
    private func field(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255)] + text.utf8
    }

    private func form(_ signals: [(String, String)], count: Int? = nil) -> [UInt8] {
        let count = count ?? signals.count
        return [UInt8(count >> 8), UInt8(count & 255)] + signals.flatMap { field($0) + field($1) }
    }

    @Test func encoded_isTheDocumentedForm() throws {
        let signals = try sampleSignals()
        let sorted = signals.sorted { $0.key < $1.key }
        #expect(try SignedMessage(signals: signals).encoded() == form(sorted.map { ($0.key, $0.value) }))
    }

    @Test func messages_withNastyText_roundTrip() throws {
        var random = SeededGenerator(seed: 11)
        let (modern, legacy) = (try knownIdentity(), try knownLegacyIdentity())
        for index in 0..<300 {
            let text = NastyText.make(using: &random)
            let isLegacy = index % 20 == 0
            let extra: Signals = isLegacy ? [:] : ["+name": NastyText.make(using: &random)]
            let message = try (isLegacy ? legacy : modern).sign(text, channel: .tweets, at: Int64(index), extra: extra)
            let again = try SignedMessage(encoded: message.encoded())
            #expect(again == message)
            #expect(again.text.bytes == text.bytes)
            #expect(again.isSignatureValid())
            #expect(try SignedMessage(signals: again.signals) == message)
        }
    }

    @Test func everyTruncation_isRefused() throws {
        let bytes = try SignedMessage(signals: sampleSignals()).encoded()
        for count in 0..<bytes.count {
            #expect(messageError { try SignedMessage(encoded: bytes.prefix(count)) } != nil, "\(count)")
        }
        #expect(messageError { try SignedMessage(encoded: bytes + [0]) }?.code == .encodingMalformed)
    }

    @Test func anotherOrder_isRefused() throws {
        let pairs = try sampleSignals().sorted { $0.key > $1.key }.map { ($0.key, $0.value) }
        #expect(messageError { try SignedMessage(encoded: form(pairs)) }?.code == .encodingMalformed)
    }

    @Test func aRepeatedSignal_isRefused() throws {
        var pairs = try sampleSignals().sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        pairs.insert(pairs[1], at: 1)
        #expect(messageError { try SignedMessage(encoded: form(pairs)) }?.code == .encodingMalformed)
    }

    @Test func aWrongCount_isRefused() throws {
        let pairs = try sampleSignals().sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        #expect(messageError { try SignedMessage(encoded: form(pairs, count: 4)) }?.code == .encodingMalformed)
        #expect(messageError { try SignedMessage(encoded: form(pairs, count: 6)) }?.code == .encodingMalformed)
        #expect(messageError { try SignedMessage(encoded: form(pairs, count: 65535)) }?.code == .tooManySignals)
    }

    @Test func a2011Message_inAnotherSpellingOrWithMore_isRefused() throws {
        let telex = try #require(LegacyVectors.load().clientJSTelexes.first)
        func code(_ changes: [String: String]) -> MessageError.Code? {
            var signals = telex.signals
            for (name, value) in changes { signals[name] = value }
            let pairs = signals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            return messageError { try SignedMessage(encoded: form(pairs)) }?.code
        }
        #expect(code(["+key": (telex.signals["+key"] ?? "").uppercased()]) == .keyMalformed)
        #expect(code(["+sig": "0" + (telex.signals["+sig"] ?? "")]) == .signatureMalformed)
        #expect(code(["+sig": telex.signals["+key"] ?? ""]) == .signatureMalformed)
        #expect(code(["+name": "x"]) == .signalMalformed)
        #expect(code(["+at": "5"]) == .signalMalformed)
    }

    @Test func bytesThatAreNotUTF8_areRefused() throws {
        let pairs = try sampleSignals(["+message": "hällo", "+name": "jä"]).sorted { $0.key < $1.key }
        let bytes = form(pairs.map { ($0.key, $0.value) })
        let places = bytes.indices.filter { bytes[$0] == 0xc3 }
        #expect(places.count == 2)
        let codes: [MessageError.Code] = [.textNotUTF8, .signalMalformed]
        for (place, code) in zip(places, codes) {
            var broken = bytes
            broken[place] = 0xff
            #expect(messageError { try SignedMessage(encoded: broken) }?.code == code)
        }
    }

    @Test func moreThanAMessageCanHave_isRefusedUnread() {
        let bytes = [UInt8](repeating: 0, count: MessageLimits.encodedBytes + 1)
        #expect(messageError { try SignedMessage(encoded: bytes) }?.code == .telexTooLong)
    }

    @Test func foreignBytes_neverTrap_andWhatIsAcceptedIsKeptAsItIs() throws {
        var random = SeededGenerator(seed: 13)
        let telex = try #require(LegacyVectors.load().clientJSTelexes.first)
        let seeds = [
            try SignedMessage(signals: sampleSignals(["+name": "x"])).encoded(),
            try SignedMessage(signals: telex.signals).encoded(),
        ]
        for round in 0..<20_000 {
            var bytes = seeds[round % 2]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            guard let message = try? SignedMessage(encoded: bytes) else { continue }
            #expect(message.encoded() == bytes)
            #expect(try SignedMessage(signals: message.signals) == message)
        }
    }
}
