import Logging
import Messages
import Synchronization
import TelehashWire

/// The node's own key: what visitors of the page write with. Made when it is first needed.
final class Pen: Sendable {
    /// The identity's name in the keys directory.
    static let keyName = "node"

    /// Bytes of text, as they travel, that fit a message of the node's to the wall.
    static let textBytes: Int = {
        // Every value at its length in an Ed25519 message.
        let signals: Signals = [
            "+at": String(repeating: "0", count: 13), "+end": Channel.tweets.end.hex,
            "+key": String(repeating: "0", count: "ed25519:".utf8.count + 43), "+message": "",
            "+sig": String(repeating: "0", count: 86),
        ]
        return MessageLimits.telexBytes - TelexSize.bytes(of: signals)
    }()

    private let store: KeyStore
    private let logger: Logger
    private let identity = Mutex<Identity?>(nil)

    init(store: KeyStore, logger: Logger) {
        self.store = store
        self.logger = logger
        do {
            if try store.names().contains(Pen.keyName) {
                let known = try store.load(Pen.keyName)
                identity.withLock { $0 = known }
            }
        } catch {
            // The wall can be read all the same; writing will say so too.
            logger.error("the node's key cannot be used", metadata: ["error": "\(error)"])
        }
    }

    /// Nil until the node has written, unless it has in an earlier life.
    var publicKey: PublicKey? { identity.withLock { $0?.publicKey } }

    /// - Throws: ``MessageError`` about the text; anything else is about the key.
    func sign(_ text: String, channel: Channel, at now: Int64) throws -> SignedMessage {
        try usableIdentity().sign(text, channel: channel, at: now)
    }

    private func usableIdentity() throws -> Identity {
        try identity.withLock { identity in
            if let identity { return identity }
            let made: Identity
            do {
                made = try store.create(Pen.keyName, scheme: .ed25519)
                logger.notice("made the node's key", metadata: ["key": "\(made.publicKey)"])
            } catch let error as KeyError where error.code == .exists {
                // Another renderer was faster.
                made = try store.load(Pen.keyName)
            }
            identity = made
            return made
        }
    }
}
