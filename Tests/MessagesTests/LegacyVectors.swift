import Foundation
import TelehashWire
import TestSupport

/// `legacy_signatures.json`: what the programs of 2011 signed and accepted.
struct LegacyVectors: Decodable {
    struct Vector: Decodable {
        let modulus: String
        let message: String
        let sha1hex: String
        let sha1hexUTF8: String
        let signature: String
        let privateExponent: String?
        let strictVerifier: Bool
        let note: String

        enum CodingKeys: String, CodingKey {
            case modulus, message, sha1hex, signature, note
            case sha1hexUTF8 = "sha1hex_utf8"
            case privateExponent = "private_exponent"
            case strictVerifier = "strict_verifier"
        }
    }

    struct NonStringCase: Decodable {
        let kind: String
        let modulus: String?
        let signature: String?

        enum CodingKeys: String, CodingKey {
            case modulus, signature
            case kind = "message_kind"
        }
    }

    /// A whole datagram as a client of 2011 sent it.
    struct Telex: Decodable {
        let telex: String
        let verifiesWithJSVerifier: Bool

        enum CodingKeys: String, CodingKey {
            case telex
            case verifiesWithJSVerifier = "verifies_with_js_verifier"
        }

        var signals: Signals {
            let object = try? JSONSerialization.jsonObject(with: Data(telex.utf8))
            let texts = (object as? [String: Any] ?? [:]).compactMapValues { $0 as? String }
            return Signals(texts)
        }

        var text: String? { signals["+message"] }
    }

    let vectors: [Vector]
    let nonStringCases: [NonStringCase]
    let clientJSTelexes: [Telex]
    let clientPHPTelexes: [Telex]

    enum CodingKeys: String, CodingKey {
        case vectors
        case nonStringCases = "non_string_cases"
        case clientJSTelexes = "client_js_telexes"
        case clientPHPTelexes = "client_php_telexes"
    }

    /// The different keys, with the private halves where they are known.
    var keys: [(modulus: String, exponent: String)] {
        var keys: [(modulus: String, exponent: String)] = []
        for vector in vectors {
            guard let exponent = vector.privateExponent, vector.strictVerifier,
                vector.modulus == vector.modulus.lowercased(), vector.modulus.first != "0",
                !keys.contains(where: { $0.modulus == vector.modulus })
            else { continue }
            keys.append((vector.modulus, exponent))
        }
        return keys
    }

    static func load() throws -> LegacyVectors {
        try JSONDecoder().decode(LegacyVectors.self, from: Vectors.data("legacy_signatures.json"))
    }
}
