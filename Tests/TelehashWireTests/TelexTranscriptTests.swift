import TelehashWire
import TestSupport
import Testing

/// Everything that the programs of 2011 said to each other is understood, and means what any JSON reader says it means.
@Suite struct TelexTranscriptTests {
    @Test(arguments: Vectors.transcriptNames + Vectors.laterTranscriptNames)
    func everyRecordedTelex_isRead(_ name: String) throws {
        let datagrams = try Vectors.transcript(name)
        #expect(datagrams.count > 20)
        for datagram in datagrams {
            let telex = try decoded(datagram.bytes).get()
            let json = try JSON(parsing: datagram.raw)
            #expect(telex.to?.description == json["_to"].string, "\(datagram.raw)")
            #expect(telex.ring == json["_ring"].int)
            #expect(telex.line == json["_line"].int)
            #expect(telex.br == json["_br"].int)
            #expect(telex.hop == json["_hop"].int ?? 0)
            #expect(telex.see?.map(\.description) == json[".see"].array?.compactMap(\.string))
            #expect(telex.tap?.count == json[".tap"].array?.count)
            #expect(telex.ignoredTapRules == 0)
            let signals = (json.object ?? [:]).filter { $0.key.hasPrefix("+") }.compactMapValues(\.scalarText)
            #expect(telex.signals == Signals(signals))
        }
    }

    @Test(arguments: Vectors.transcriptNames + Vectors.laterTranscriptNames)
    func everyRecordedTelex_whenItIsWrittenAgain_isTheSame(_ name: String) throws {
        for datagram in try Vectors.transcript(name) {
            let telex = try decoded(datagram.bytes).get()
            #expect(try decoded(telex.encoded()).get() == telex)
        }
    }

    @Test func everyTelexOfTheClientsOf2011_isRead() throws {
        let golden = try Vectors.json("legacy_signatures.json")
        for program in ["client_js_telexes", "client_php_telexes"] {
            let records = try #require(golden[program].array)
            #expect(!records.isEmpty)
            for record in records {
                let raw = try #require(record["telex"].string)
                let telex = try decoded(raw).get()
                let json = try JSON(parsing: raw)
                #expect(
                    telex.signals.map(\.key).sorted() == (json.object ?? [:]).keys.filter { $0.hasPrefix("+") }.sorted()
                )
                #expect(telex.signals["+message"] == json["+message"].string)
                #expect(telex.hop == 1)
            }
        }
    }
}

extension JSON {
    fileprivate var scalarText: String? {
        switch self {
        case .string(let text): text
        case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
        case .bool(let bool): bool ? "1" : "0"
        case .null, .array, .object: nil
        }
    }
}
