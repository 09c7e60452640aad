import TelehashWire
import TestSupport
import Testing

@Suite struct NodeIDTests {
    @Test func everyPairOfGoldenSwitches_hasItsBucket() throws {
        let golden = try Vectors.json("distances.json")
        let ids = try #require(golden["switches"].array).map { try #require(NodeID(hex: $0["sha1"].string ?? "")) }
        let matrix = try #require(golden["bucket_matrix"].array)
        #expect(ids.count == 50)
        for (row, from) in ids.enumerated() {
            for (column, to) in ids.enumerated() {
                #expect(from.bucket(to: to) == matrix[row][column].int)
            }
        }
    }

    @Test func everyConstructedPair_hasItsBucket() throws {
        let pairs = try #require(Vectors.json("distances.json")["constructed"].array)
        #expect(pairs.count == 13)
        for pair in pairs {
            let texts = (pair["a"].string ?? "", pair["b"].string ?? "")
            guard let a = NodeID(hex: texts.0), let b = NodeID(hex: texts.1) else {
                #expect(texts.1.isEmpty, "only Perl holds the empty text for a place")
                continue
            }
            #expect(a.bucket(to: b) == pair["bucket"].int)
            #expect(b.bucket(to: a) == pair["bucket"].int)
        }
    }

    @Test func everyGoldenName_hasItsHash() throws {
        let golden = try Vectors.json("distances.json")
        for known in try #require(golden["well_known"].array) {
            let name = try #require(known["name"].string)
            #expect(NodeID(sha1Of: name).hex == known["sha1"].string)
            #expect(NodeID(sha1Of: Array(name.utf8)).hex == known["sha1"].string)
        }
        for known in try #require(golden["switches"].array) {
            let text = try #require(known["ipp"].string)
            #expect(NodeID(sha1Of: text).hex == known["sha1"].string)
            guard text != "0.0.0.0:0" else {
                #expect(Endpoint(text) == nil, "nobody receives at port 0")
                continue
            }
            let endpoint = try #require(Endpoint(text))
            #expect(endpoint.description == text)
            #expect(endpoint.nodeID.hex == known["sha1"].string)
        }
    }

    @Test func everyGoldenSwitch_hasItsDistanceFromTheWallsEnd() throws {
        let golden = try Vectors.json("distances.json")
        let end = try #require(NodeID(hex: golden["wall42"]["end"].string ?? ""))
        let buckets = try #require(golden["wall42"]["buckets"].array).map(\.int)
        let switches = try #require(golden["switches"].array)
        #expect(try switches.map { end.bucket(to: try #require(NodeID(hex: $0["sha1"].string ?? ""))) } == buckets)
    }

    @Test func everySingleBit_isItsBucket() throws {
        let zero = try #require(NodeID(hex: String(repeating: "0", count: 40)))
        for bit in 0..<160 {
            var digits = [Character](repeating: "0", count: 40)
            digits[39 - bit / 4] = ["1", "2", "4", "8"][bit % 4]
            let other = try #require(NodeID(hex: String(digits)))
            #expect(zero.bucket(to: other) == bit)
            #expect(other.bucket(to: other) == -1)
        }
    }

    @Test(arguments: [
        "", "0", String(repeating: "0", count: 39), String(repeating: "0", count: 41),
        "g" + String(repeating: "0", count: 39), " " + String(repeating: "0", count: 39),
        String(repeating: "é", count: 20),
    ])
    func hex_whenItIsNotFortyDigits_isNoPlace(_ text: String) {
        #expect(NodeID(hex: text) == nil)
    }

    @Test func hex_whenItIsUpperCase_isReadAndWrittenLowerCase() {
        #expect(
            NodeID(hex: "8BF1CCE916417D16B7554135B6B075FB16DD26CE")?.hex == "8bf1cce916417d16b7554135b6b075fb16dd26ce")
    }

    @Test func closeness_isTheXorMetric() throws {
        let ids = (0..<40).map { NodeID(sha1Of: "switch \($0)") }
        let target = NodeID(sha1Of: "target")
        func distance(_ id: NodeID) -> [UInt8] {
            zip(bytes(of: id), bytes(of: target)).map { $0 ^ $1 }
        }
        for a in ids {
            for b in ids {
                #expect(
                    target.isCloser(a, than: b) == distance(a).lexicographicallyPrecedes(distance(b)))
            }
            #expect(!target.isCloser(a, than: a))
        }
        #expect(ids.sorted().map(\.hex) == ids.map(\.hex).sorted())
    }

    private func bytes(of id: NodeID) -> [UInt8] {
        stride(from: 0, to: 40, by: 2).compactMap { UInt8(id.hex.dropFirst($0).prefix(2), radix: 16) }
    }
}
