import Messages
import ZeroMQ

/// Key pairs of processes in key files: what a router, receiver, renderer or command line is known by over `tcp://`.
///
/// The file has two lines, `p2pmsg-key 1 service` and the secret key in Z85, and is guarded as those of identities are.
package enum ServiceKey {
    /// What `key list` shows in the place of a signature scheme.
    package static let scheme = "service"
    private static let header = "p2pmsg-key 1 service"

    /// A new pair whose public key begins with a letter or digit, so that it can stand behind a flag, and nobody takes it
    /// for a comment.
    ///
    /// - Throws: `key_unusable`, where libzmq has no CURVE.
    package static func generate() throws(KeyError) -> CurveKeyPair {
        while true {
            let pair: CurveKeyPair
            do { pair = try CurveKeyPair.generate() } catch { throw KeyError(.unusable, error.message) }
            let first = pair.publicKey.description.first
            if first?.isLetter == true || first?.isNumber == true { return pair }
        }
    }

    /// Whether a key file's text is a service key; it may be a damaged one.
    package static func isServiceKey(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).first.map { $0 == header } ?? false
    }

    /// The file's text; it contains the secret.
    package static func exported(_ pair: CurveKeyPair) -> String { "\(header)\n\(pair.exportedSecret)\n" }

    /// From what ``exported(_:)`` wrote.
    ///
    /// - Throws: `private_key_malformed`; `key_unusable`, where libzmq has no CURVE.
    package static func imported(_ text: String) throws(KeyError) -> CurveKeyPair {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard lines.count == 2, lines[0] == header else {
            throw KeyError(
                .malformed, "it is no service key, as 'p2pmsg key new NAME --service' makes one")
        }
        do throws(ZeroMQError) { return try CurveKeyPair(secret: lines[1]) } catch {
            throw KeyError(error.code == .keyMalformed ? .malformed : .unusable, error.message)
        }
    }

    /// The key pair of a name in the store, or of a file elsewhere (whose path has a `/`).
    ///
    /// - Throws: as `KeyStore.load`.
    package static func load(_ nameOrPath: String, from store: KeyStore) throws(KeyError) -> CurveKeyPair {
        let isPath = nameOrPath.contains(Character("/"))
        let text = isPath ? try KeyStore.text(at: nameOrPath) : try store.text(of: nameOrPath)
        do { return try imported(text) } catch {
            throw KeyError(
                error.code, "\(isPath ? nameOrPath : store.directory + "/" + nameOrPath): \(error.message)")
        }
    }
}
