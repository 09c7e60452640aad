import Foundation

/// The cases of Nicolas Seriot's JSONTestSuite with our pinned verdicts: Tests/Vectors/JSONTestSuite/cases.tsv.
public enum JSONTestSuite {
    /// One file of the suite.
    public struct Case: Sendable {
        /// The suite's name without `.json`. `y_`: every reader must take it, `n_`: none may, `i_`: as it likes.
        public let name: String
        public let bytes: [UInt8]
        /// What the telex codec says of a telex with the case as the value of a plain key: `ok` or the name of an error.
        public let asValue: String
        /// What the telex codec says of the case as a whole datagram.
        public let alone: String
        /// What the reader of messages says of a message with the case as the value of a key that it ignores.
        public let inMessage: String
        /// Why, where the suite leaves it open.
        public let reason: String
    }

    public static func cases() throws -> [Case] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/JSONTestSuite/cases.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return lines.filter { !$0.hasPrefix("#") }.compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 6 else { return nil }
            return Case(
                name: fields[0], bytes: bytes(fields[1]), asValue: fields[2], alone: fields[3], inMessage: fields[4],
                reason: fields[5])
        }
    }

    /// Hex; `5b*1000+0a` is a thousand times 5b and a newline.
    private static func bytes(_ text: String) -> [UInt8] {
        text.split(separator: "+").flatMap { part in
            let halves = part.split(separator: "*")
            guard let digits = halves.first else { return [UInt8]() }
            let piece = stride(from: 0, to: digits.count, by: 2).compactMap { offset in
                UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
            }
            let times = halves.count > 1 ? Int(halves[1]) ?? 0 : 1
            return Array(repeatElement(piece, count: times).joined())
        }
    }
}
