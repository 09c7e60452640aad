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

    /// The private key as text.
    var exported: String {
        switch self {
        case .identity(let identity): identity.exported
        case .service(let pair): ServiceKey.exported(pair)
        }
    }
}
