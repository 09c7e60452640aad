import Messages
import Testing

@Suite struct TamperingTests {
    @Test func anyChangeOfAnySignal_endsTheSignature() throws {
        let identity = try knownIdentity()
        let message = try identity.sign(
            "hello", channel: .tweets, at: 1_700_000_000_000, extra: ["+name": "tj", "+reply": "abc"])
        #expect(message.isSignatureValid())
        let stranger = Identity.generate(.ed25519).publicKey.text
        let changes: [String: [String]] = [
            "+at": ["1700000000001", "0"],
            "+end": [try Channel("swift").end.hex],
            "+key": [stranger],
            "+message": ["hello ", "Hello", "hell", "hello\n"],
            "+name": ["tk", ""],
            "+reply": ["abd"],
        ]
        #expect(Set(changes.keys).union(["+sig"]) == Set(message.signals.map(\.key)))
        for (name, values) in changes {
            for value in values {
                var signals = message.signals
                signals[name] = value
                let changed = try SignedMessage(signals: signals)
                #expect(!changed.isSignatureValid(), "\(name) = \(value)")
                #expect(changed.id != message.id)
                #expect(messageError { try changed.checkSignature() }?.code == .signatureWrong)
            }
        }
    }

    @Test func aSignalAddedOrRemoved_endsTheSignature() throws {
        let message = try knownIdentity().sign("hello", channel: .tweets, at: 5, extra: ["+name": "tj"])
        var more = message.signals
        more["+color"] = "red"
        #expect(try !SignedMessage(signals: more).isSignatureValid())
        var fewer = message.signals
        fewer["+name"] = nil
        #expect(try !SignedMessage(signals: fewer).isSignatureValid())
        // A boundary that moves between two signals is a change too.
        var moved = message.signals
        moved["+name"] = nil
        moved["+nam"] = "etj"
        #expect(try !SignedMessage(signals: moved).isSignatureValid())
    }

    @Test func everyBitOfTheSignature_counts() throws {
        let message = try knownIdentity().sign("hello", channel: .tweets, at: 5)
        let characters = Array(message.signature)
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "A" ? "Q" : "A"
            if changed == characters { continue }
            var signals = message.signals
            signals["+sig"] = String(changed)
            #expect(try !SignedMessage(signals: signals).isSignatureValid(), "character \(index)")
        }
    }

    @Test func textsThatOnlyLookEqual_areDifferentMessages() throws {
        let identity = try knownIdentity()
        let composed = try identity.sign("é", channel: .tweets, at: 5)
        let decomposed = try identity.sign("e\u{301}", channel: .tweets, at: 5)
        #expect(composed != decomposed)
        #expect(composed.id != decomposed.id)
    }
}
