import BusSecurity
import Messages
import ServiceRuntime
import ZeroMQ

/// What a key file holds: somebody's identity, or the key pair of a service.
enum KeptKey {
    case identity(Identity)
    case service(CurveKeyPair)

    /// - Throws: `private_key_malformed`.
    init(_ text: String) throws(KeyError) {
        self =
            ServiceKey.isServiceKey(text)
            ? .service(try ServiceKey.imported(text)) : .identity(try Identity.imported(text))
    }

    /// - Throws: as `KeyStore.load`.
    static func load(_ name: String, from store: KeyStore) throws(KeyError) -> KeptKey {
        let text = try store.text(of: name)
        guard ServiceKey.isServiceKey(text) else { return .identity(try store.load(name)) }
        return .service(try ServiceKey.load(name, from: store))
    }

    /// - Throws: as ``load(_:from:)``; a report for the key of a service.
    static func identity(_ name: String, from store: KeyStore) throws -> Identity {
        guard case .identity(let identity) = try load(name, from: store) else {
            throw FailureReport("'\(name)' is the key of a service, not of an author")
        }
        return identity
    }

    var scheme: String {
        switch self {
        case .identity(let identity): identity.publicKey.scheme.rawValue
        case .service: ServiceKey.scheme
        }
    }

    var publicText: String {
        switch self {
        case .identity(let identity): identity.publicKey.text
        case .service(let pair): pair.publicKey.description
        }
    }

    var exported: String {
        switch self {
        case .identity(let identity): identity.exported
        case .service(let pair): ServiceKey.exported(pair)
        }
    }
}

struct Signer {
    let store: KeyStore

    /// The named identity; without a name the default one of the scheme, which is made at its first use.
    /// - Parameter tell: gets the sentence about a new identity.
    /// - Throws: ``KeyError``, or a report of status `usage` when the named identity has another scheme, or is
    ///   the key of a service.
    func identity(name: String?, scheme: Scheme?, tell: (String) -> Void) throws -> Identity {
        guard let name else {
            return try defaultIdentity(scheme ?? .ed25519, tell: tell)
        }
        let identity = try KeptKey.identity(name, from: store)
        guard scheme == nil || identity.scheme == scheme else {
            throw FailureReport("the key '\(name)' is of scheme \(identity.scheme.rawValue)", status: .usage)
        }
        return identity
    }

    static func defaultName(_ scheme: Scheme) -> String {
        scheme == .ed25519 ? KeyStore.defaultName : "\(KeyStore.defaultName)-\(scheme.rawValue)"
    }

    private func defaultIdentity(_ scheme: Scheme, tell: (String) -> Void) throws(KeyError) -> Identity {
        let name = Signer.defaultName(scheme)
        do throws(KeyError) {
            return try store.load(name)
        } catch {
            guard error.code == .unknown else { throw error }
        }
        do throws(KeyError) {
            let identity = try store.create(name, scheme: scheme)
            tell("made the key '\(name)' in \(store.directory): you are \(identity.publicKey.text)")
            return identity
        } catch {
            // Another command made it at the same moment.
            guard error.code == .exists else { throw error }
            return try store.load(name)
        }
    }
}
