/// Key files as text, for keys of other kinds than identities: the same directory, the same care.
extension KeyStore {
    /// The text of the file of this name.
    ///
    /// - Throws: as ``load(_:)``, but for `private_key_malformed`: the text is not looked at.
    package func text(of name: String) throws(KeyError) -> String {
        let path = try path(of: name)
        try KeyFile.checkDirectory(directory)
        guard let text = try KeyFile.contents(of: path) else { throw try unknown(name) }
        return text
    }

    /// Keeps a text under this name. It is on the disk, and whole, when this returns.
    ///
    /// - Throws: as ``save(_:as:)``.
    package func save(text: String, as name: String) throws(KeyError) {
        let path = try path(of: name)
        try KeyFile.makeDirectory(directory)
        try KeyFile.checkDirectory(directory)
        try KeyFile.create(text, at: path, name: name, in: directory)
    }

    /// The text of a key file anywhere, guarded as those of a store are.
    ///
    /// - Throws: `key_unknown` where there is no file, `key_exposed`, `key_unusable`.
    package static func text(at path: String) throws(KeyError) -> String {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try KeyFile.checkDirectory(directory.isEmpty ? "/" : directory)
        guard let text = try KeyFile.contents(of: path) else { throw KeyError(.unknown, "there is no key \(path)") }
        return text
    }
}
