import TelehashWire
import TestSupport
import Testing

/// All cases of JSONTestSuite through the telex codec. Each verdict is pinned; a change is a change of what we read.
@Suite struct JSONTestSuiteTests {
    @Test func theSuite_isWhole() throws {
        let names = try JSONTestSuite.cases().map(\.name)
        #expect(names.count { $0.hasPrefix("y_") } == 95)
        #expect(names.count { $0.hasPrefix("n_") } == 188)
        #expect(names.count { $0.hasPrefix("i_") } == 35)
        #expect(Set(names).count == 318)
    }

    @Test func everyCase_asTheValueOfAPlainKey_hasItsVerdict() throws {
        for test in try JSONTestSuite.cases() {
            let bytes = Array("{\"plain\":".utf8) + test.bytes + Array("}".utf8)
            #expect(verdict(on: bytes) == test.asValue, "\(test.name)")
        }
    }

    @Test func everyCase_alone_hasItsVerdict() throws {
        for test in try JSONTestSuite.cases() {
            #expect(verdict(on: test.bytes) == test.alone, "\(test.name)")
        }
    }

    /// What the suite itself demands of the pinned verdicts.
    @Test func pinnedVerdicts_areThoseOfTheSuite() throws {
        for test in try JSONTestSuite.cases() {
            switch test.name.prefix(2) {
            case "y_":
                #expect(test.asValue == "ok", "\(test.name)")
                #expect(["ok", "notAnObject", "duplicateKey"].contains(test.alone), "\(test.name)")
            case "n_":
                #expect(test.asValue != "ok", "\(test.name)")
                #expect(test.alone != "ok", "\(test.name)")
            default: #expect(!test.reason.isEmpty, "\(test.name) says why")
            }
        }
    }

    @Test func whatIsRead_isWrittenAndReadAgainTheSame() throws {
        for test in try JSONTestSuite.cases() where test.asValue == "ok" {
            for key in ["plain", "+signal", "_unknown", ".unknown"] {
                let telex = try decoded(Array("{\"\(key)\":".utf8) + test.bytes + Array("}".utf8)).get()
                #expect(try decoded(telex.encoded()).get() == telex, "\(test.name) at \(key)")
            }
        }
    }

    private func verdict(on bytes: [UInt8]) -> String {
        switch decoded(bytes) {
        case .success: "ok"
        case .failure(let error): String(describing: error)
        }
    }
}
