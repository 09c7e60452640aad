/// So that no log and no failed test shows a private key.
package protocol PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var publicKey: PublicKey { get }
}

extension PrivateKey {
    package var description: String { "the identity of \(publicKey)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
