import Messages
import TelehashWire
import Testing

@Suite struct SignedMessageTests {
    @Test func parts_areThoseOfTheSignals() throws {
        let signals = CanonicalBytesTests.signals
        let message = try SignedMessage(signals: signals)
        #expect(message.signals == signals)
        #expect(message.text.bytes == "Grüße ☃\n".bytes)
        #expect(message.at == 1_700_000_000_123)
        #expect(message.end.hex == signals["+end"])
        #expect(message.key.text == signals["+key"])
        #expect(message.scheme == .ed25519)
        #expect(message.signature == signals["+sig"])
    }

    @Test(arguments: ["+at", "+end", "+key", "+message", "+sig"])
    func init_withoutOneOfOurSignals_saysWhich(_ name: String) throws {
        let error = messageError { try SignedMessage(signals: sampleSignals([name: nil])) }
        #expect(error?.code == .missingSignal)
        #expect(error?.message.contains(name) == true)
    }

    @Test(arguments: ["+end", "+key", "+message", "+sig"])
    func init_of2011MessageWithoutOneOfItsSignals_saysWhich(_ name: String) throws {
        var signals = try #require(LegacyVectors.load().clientJSTelexes.first).signals
        signals[name] = nil
        let error = messageError { try SignedMessage(signals: signals) }
        #expect(error?.code == .missingSignal)
        #expect(error?.message.contains(name) == true)
    }

    @Test(arguments: [
        "", " 5", "5 ", "+5", "-5", "05", "00", "1e3", "1.0", "5\n", "٥", "9007199254740993", "10000000000000000",
        "99999999999999999999",
    ])
    func at_inAnyOtherSpelling_isRefused(_ at: String) throws {
        #expect(messageError { try SignedMessage(signals: sampleSignals(["+at": at])) }?.code == .atMalformed)
    }

    @Test(arguments: [("0", 0), ("7", 7), ("9007199254740992", 1 << 53)] as [(String, Int64)])
    func at_atItsEdges_isAccepted(_ at: String, _ value: Int64) throws {
        #expect(try SignedMessage(signals: sampleSignals(["+at": at])).at == value)
    }

    @Test(arguments: [
        "", "8bf1cce916417d16b7554135b6b075fb16dd26c", "8bf1cce916417d16b7554135b6b075fb16dd26cea",
        "8BF1CCE916417D16B7554135B6B075FB16DD26CE", "8bf1cce916417d16b7554135b6b075fb16dd26cg",
        "0x8bf1cce916417d16b7554135b6b075fb16dd26", "８bf1cce916417d16b7554135b6b075fb16dd26",
    ])
    func end_inAnyOtherSpelling_isRefused(_ end: String) throws {
        #expect(messageError { try SignedMessage(signals: sampleSignals(["+end": end])) }?.code == .endMalformed)
        var legacy = try #require(LegacyVectors.load().clientJSTelexes.first).signals
        legacy["+end"] = end
        #expect(messageError { try SignedMessage(signals: legacy) }?.code == .endMalformed)
    }

    @Test func signature_inAnyOtherSpelling_isRefused() throws {
        let signature = try #require(try sampleSignals()["+sig"])
        let last = try #require(signature.last)
        // The last character carries 2 bits; the 4 below them must be zero.
        let other = try #require(["B", "R", "h", "x"].first { $0 != String(last) })
        let spellings = [
            "", String(signature.dropLast()), signature + "A", signature + "==", signature.dropLast() + other,
            "+" + signature.dropFirst(), "/" + signature.dropFirst(), " " + signature.dropFirst(),
        ]
        for spelling in spellings {
            let error = messageError { try SignedMessage(signals: sampleSignals(["+sig": spelling])) }
            #expect(error?.code == .signatureMalformed, "\(spelling)")
        }
    }

    @Test(arguments: [
        "+", "name", "_to", ".see", "", "+na me", "+é", "+na\u{0}me", "+\u{7f}",
        "+" + String(repeating: "a", count: 64),
    ])
    func name_thatNoSignalCanHave_isRefused(_ name: String) throws {
        let member = "\(JSONWriter.quoted(name, .wire)):\"x\""
        let json = try SignedMessage(signals: sampleSignals()).json()
            .replacing(#""signals":{"#, with: #""signals":{\#(member),"#)
        #expect(messageError { try SignedMessage(json: json) }?.code == .signalMalformed)
    }

    @Test func names_ofUpTo64Bytes_areAccepted() throws {
        let name = "+" + String(repeating: "a", count: 63)
        #expect(try SignedMessage(signals: sampleSignals([name: "x"])).signals[name] == "x")
    }

    @Test func signals_upTo16AreAccepted_17AreNot() throws {
        var signals = try sampleSignals()
        for index in 0..<11 { signals["+x\(index)"] = "" }
        #expect(try SignedMessage(signals: signals).signals.count == 16)
        signals["+x11"] = ""
        #expect(messageError { try SignedMessage(signals: signals) }?.code == .tooManySignals)
    }

    @Test func checkTime_acceptsUpTo15MinutesAhead() throws {
        let message = try SignedMessage(signals: sampleSignals())
        let at = try #require(message.at)
        #expect(throws: Never.self) { try message.checkTime(now: at - 900_000) }
        #expect(throws: Never.self) { try message.checkTime(now: at + 900_000_000) }
        #expect(throws: Never.self) { try message.checkTime(now: .max) }
        let error = messageError { try message.checkTime(now: at - 900_001) }
        #expect(error?.code == .atInFuture)
        #expect(messageError { try message.checkTime(now: .min) }?.code == .atInFuture)
    }

    @Test func checkTime_of2011Message_passes() throws {
        let telex = try #require(LegacyVectors.load().clientJSTelexes.first)
        let message = try SignedMessage(signals: telex.signals)
        #expect(throws: Never.self) { try message.checkTime(now: 0) }
    }

    @Test func codes_areSnakeCaseAndUnique() {
        let codes = MessageError.Code.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" || $0.isNumber } })
    }
}
