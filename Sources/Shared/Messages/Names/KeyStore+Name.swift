extension KeyStore {
    /// What the identity of this name says of its author's name in each message; nil where nothing was ever said.
    ///
    /// It stands in a file beside the key. A message is read by nodes that never saw the earlier ones, so each says it.
    ///
    /// - Throws: `key_unusable`, `key_exposed`, `key_name_malformed`, `private_key_malformed` for a file that is no name.
    package func nameClaim(of identity: String) throws(KeyError) -> SignedMessage.NameClaim? {
        let path = try claimPath(of: identity)
        try KeyFile.checkDirectory(directory)
        guard let text = try KeyFile.contents(of: path) else { return nil }
        let line = text.hasSuffix("\n") ? String(text.dropLast()) : text
        if line.isEmpty { return .nobody }
        do {
            return .called(try DisplayName(line))
        } catch {
            throw KeyError(.malformed, "\(path): \(error); remove the file, or set the name anew")
        }
    }

    /// Keeps what each message of the identity will say. It is on the disk when this returns.
    ///
    /// - Throws: as ``save(_:as:)``, but for `key_exists`: the last word counts.
    package func setNameClaim(_ claim: SignedMessage.NameClaim, of identity: String) throws(KeyError) {
        let path = try claimPath(of: identity)
        try KeyFile.makeDirectory(directory)
        try KeyFile.checkDirectory(directory)
        try KeyFile.replace(claim.text + "\n", at: path, name: identity, in: directory)
    }

    /// Names of keys do not begin with a dot: nobody takes it for a key.
    func claimPath(of identity: String) throws(KeyError) -> String {
        _ = try path(of: identity)
        return "\(directory)/.\(identity).name"
    }
}
