import Messages
import TestSupport
import Testing

/// All cases of JSONTestSuite through the reader of messages, as the value of a key that it ignores.
@Suite struct JSONTestSuiteTests {
    @Test func everyCase_inAMessage_hasItsVerdict() throws {
        for test in try JSONTestSuite.cases() {
            let json = Array("{\"other\":".utf8) + test.bytes + Array(",\"signals\":{}}".utf8)
            #expect(verdict(on: json) == test.inMessage, "\(test.name)")
        }
    }

    @Test func pinnedVerdicts_areThoseOfTheSuite() throws {
        for test in try JSONTestSuite.cases() {
            if test.name.hasPrefix("y_") { #expect(test.inMessage == "ok", "\(test.name)") }
            if test.name.hasPrefix("n_") { #expect(test.inMessage != "ok", "\(test.name)") }
        }
    }

    /// A message without signals is the mildest thing to be wrong, so that error says that the JSON was read.
    private func verdict(on json: [UInt8]) -> String {
        do throws(MessageError) {
            _ = try SignedMessage(json: json)
            return "ok"
        } catch {
            return error.code == .missingSignal ? "ok" : error.code.rawValue
        }
    }
}
