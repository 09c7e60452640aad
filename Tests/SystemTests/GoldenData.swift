import Foundation
import Messages
import TelehashWire
import TestSupport
import Testing

/// What the programs of 2011 really sent, from the golden data.
enum GoldenData {
    /// One whole datagram of a 2011 client.
    struct ClientTelex: CustomTestStringConvertible, Sendable {
        let program: String
        let raw: String

        var testDescription: String { "\(program) \(raw.suffix(40))" }

        var signals: Signals {
            get throws {
                try Signals((JSON(parsing: raw).object ?? [:]).compactMapValues(\.string))
            }
        }

        var message: SignedMessage { get throws { try SignedMessage(signals: signals) } }

        /// The same datagram with one character of the signed text or of the signature changed.
        var altered: String {
            get throws {
                let signature = try signals["+sig"] ?? ""
                let last = signature.last == "0" ? "1" : "0"
                return raw.replacingOccurrences(of: signature, with: signature.dropLast() + last)
            }
        }
    }

    static var clientTelexes: [ClientTelex] {
        get throws {
            let golden = try Vectors.json("legacy_signatures.json")
            return ["client_js_telexes", "client_php_telexes"].flatMap { name in
                (golden[name].array ?? []).compactMap { $0["telex"].string }.map { ClientTelex(program: name, raw: $0) }
            }
        }
    }
}
