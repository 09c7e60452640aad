import TelehashWire
import Testing

@testable import Messages

@Suite struct LegacyVectorTests {
    /// The exact rule: one hash, one block, numbers in hex below the modulus.
    private func isStrictlyValid(_ vector: LegacyVectors.Vector) -> Bool {
        LegacySignature.isValid(
            modulus: vector.modulus, signature: vector.signature, text: vector.message, hashes: [.utf16Units])
    }

    @Test func strictRule_agreesWithEveryVector() throws {
        let vectors = try LegacyVectors.load().vectors
        #expect(vectors.count == 116)
        for vector in vectors {
            #expect(isStrictlyValid(vector) == vector.strictVerifier, "\(vector.note): \(vector.message)")
        }
    }

    @Test func hashes_areThoseOfTheOriginalPrograms() throws {
        for vector in try LegacyVectors.load().vectors {
            #expect(LegacyHash.utf16Units.digest(of: vector.message).hex == vector.sha1hex)
            #expect(LegacyHash.utf8.digest(of: vector.message).hex == vector.sha1hexUTF8)
        }
    }

    @Test func message_fromAStrictlyValidVector_isAccepted() throws {
        for vector in try LegacyVectors.load().vectors where vector.strictVerifier && vector.message.utf8.count < 900 {
            let message = try SignedMessage(signals: signals(of: vector))
            #expect(message.isSignatureValid(), "\(vector.note): \(vector.message)")
            #expect(message.text.bytes == vector.message.bytes)
            #expect(message.scheme == .legacy)
            #expect(message.at == nil)
            #expect(throws: Never.self) { try message.checkSignature() }
        }
    }

    /// Those that fail the strict rule fail as messages too, but for the ones that PHP signed: UTF-8 is accepted.
    @Test func message_fromAnInvalidVector_isRefused_unlessItsHashIsOverUTF8() throws {
        var acceptedOverUTF8 = 0
        for vector in try LegacyVectors.load().vectors where !vector.strictVerifier {
            let isAccepted = (try? SignedMessage(signals: signals(of: vector)))?.isSignatureValid() ?? false
            let isOverUTF8 = vector.note.contains("signed over the UTF-8 SHA-1")
            #expect(isAccepted == isOverUTF8, "\(vector.note): \(vector.message)")
            if isAccepted { acceptedOverUTF8 += 1 }
        }
        #expect(acceptedOverUTF8 == 2)
    }

    @Test func clientTelexes_areAccepted() throws {
        let vectors = try LegacyVectors.load()
        #expect(vectors.clientJSTelexes.count == 6 && vectors.clientPHPTelexes.count == 3)
        for telex in vectors.clientJSTelexes + vectors.clientPHPTelexes {
            let message = try SignedMessage(signals: telex.signals)
            #expect(message.isSignatureValid(), "\(telex.telex)")
            #expect(message.end == Channel.tweets.end)
            let isStrict = LegacySignature.isValid(
                modulus: message.key.text, signature: message.signature, text: message.text, hashes: [.utf16Units])
            #expect(isStrict == telex.verifiesWithJSVerifier)
        }
        #expect(vectors.clientJSTelexes.contains { $0.text == "" })
    }

    @Test func clientTelexes_alteredByOneCharacter_areRefused() throws {
        let vectors = try LegacyVectors.load()
        for telex in vectors.clientJSTelexes + vectors.clientPHPTelexes {
            for signal in telex.signals where signal.key != "+end" {
                for altered in alterations(of: signal.value) {
                    var signals = telex.signals
                    signals[signal.key] = altered
                    let isAccepted = (try? SignedMessage(signals: signals))?.isSignatureValid() ?? false
                    #expect(!isAccepted, "\(signal.key): \(signal.value) -> \(altered)")
                }
            }
        }
    }

    /// The text with one character changed at some places, one added, one removed.
    private func alterations(of value: String) -> [String] {
        let characters = Array(value)
        var altered = [value + "1", "1" + value, String(value.dropLast()), String(value.dropFirst())]
        for index in stride(from: 0, to: characters.count, by: max(1, characters.count / 6)) {
            var changed = characters
            changed[index] = changed[index] == "7" ? "8" : "7"
            altered.append(String(changed))
        }
        // A leading zero is a matter of spelling.
        return altered.filter { $0 != value && "0" + $0 != value }
    }

    @Test func nonStringCases_areRefused() throws {
        let cases = try LegacyVectors.load().nonStringCases
        #expect(cases.count == 15)
        let number = String(repeating: "1", count: 128)
        let expected: [String: (json: String, code: MessageError.Code)] = [
            "message absent": (#""+key":KEY,"+sig":SIG"#, .missingSignal),
            "null": (#""+key":KEY,"+sig":SIG,"+message":null"#, .jsonMalformed),
            "number": (#""+key":KEY,"+sig":SIG,"+message":5"#, .jsonMalformed),
            "true": (#""+key":KEY,"+sig":SIG,"+message":true"#, .jsonMalformed),
            "object": (#""+key":KEY,"+sig":SIG,"+message":{}"#, .jsonMalformed),
            "empty array": (#""+key":KEY,"+sig":SIG,"+message":[]"#, .jsonMalformed),
            "array [104,105]": (#""+key":KEY,"+sig":SIG,"+message":[104,105]"#, .jsonMalformed),
            "+sig absent": (#""+key":KEY,"+message":"""#, .missingSignal),
            "+sig number": (#""+key":KEY,"+sig":5,"+message":"""#, .jsonMalformed),
            "+sig null": (#""+key":KEY,"+sig":null,"+message":"""#, .jsonMalformed),
            "+key \"zz\"": (#""+key":"zz","+sig":SIG,"+message":"""#, .keyMalformed),
            "+key empty": (#""+key":"","+sig":SIG,"+message":"""#, .keyMalformed),
            "+key \"0\"": (#""+key":"0","+sig":SIG,"+message":"""#, .keyMalformed),
            "+key \"2\"": (#""+key":"2","+sig":SIG,"+message":"""#, .keyMalformed),
            "+key number": (#""+key":5,"+sig":SIG,"+message":"""#, .jsonMalformed),
        ]
        for nonString in cases {
            let (template, code) = try #require(expected[nonString.kind], "\(nonString.kind)")
            let signals = template.replacing("KEY", with: "\"\(nonString.modulus ?? number)\"")
                .replacing("SIG", with: "\"\(nonString.signature ?? number)\"")
            let json = #"{"signals":{"+end":"\#(Channel.tweets.end)",\#(signals)}}"#
            #expect(messageError { try SignedMessage(json: json) }?.code == code, "\(nonString.kind)")
        }
    }

    private func signals(of vector: LegacyVectors.Vector) -> Signals {
        [
            "+key": vector.modulus, "+sig": vector.signature, "+message": vector.message,
            "+end": Channel.tweets.end.hex,
        ]
    }
}
