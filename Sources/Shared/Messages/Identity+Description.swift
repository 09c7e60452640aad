// So that no log and no failed test shows a private key.
extension Identity: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "the identity of \(publicKey)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}

extension Ed25519Identity: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "the identity of \(publicKey)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}

extension LegacyIdentity: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "the identity of \(publicKey)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
