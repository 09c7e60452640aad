import Glibc

/// Private keys on disk, one file each: a directory of mode 0700 with files of mode 0600.
///
/// A file that others can read, that belongs to somebody else or is no plain file is refused, and nothing is ever
/// overwritten. The store has no state: every call looks at the disk.
package struct KeyStore: Sendable {
    /// The identity that is used where none is named.
    package static let defaultName = "default"

    package let directory: String

    /// - Parameter directory: made, with its parents, when the first key is written.
    package init(directory: String) {
        self.directory = directory
    }

    /// `$XDG_DATA_HOME/p2pmsg/keys`, or `~/.local/share/p2pmsg/keys` where that is not set to an absolute path (XDG Base
    /// Directory Specification).
    package static func standardDirectory(environment: [String: String]) -> String {
        if let data = environment["XDG_DATA_HOME"], data.utf8.first == UInt8(ascii: "/") {
            return data + "/p2pmsg/keys"
        }
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? homeOfAccount() ?? "."
        return home + "/.local/share/p2pmsg/keys"
    }

    /// The names of the keys that exist, sorted. Empty where there is no directory yet.
    ///
    /// - Throws: `key_unusable`.
    package func names() throws(KeyError) -> [String] {
        guard let stream = opendir(directory) else {
            let error = errno
            if error == ENOENT { return [] }
            throw .system(error, "read the directory \(directory)")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                    String(cString: $0)
                }
            }
            if KeyStore.isName(name) { names.append(name) }
        }
        return names.sorted()
    }

    /// - Throws: `key_unknown` with the names that exist, `key_exposed` with the command that ends it, `key_unusable`,
    ///   `key_name_malformed`, `private_key_malformed`.
    package func load(_ name: String) throws(KeyError) -> Identity {
        let text = try text(of: name)
        do { return try Identity.imported(text) } catch {
            throw KeyError(.malformed, "\(directory)/\(name): \(error.message)")
        }
    }

    /// Makes a new identity and keeps it under this name.
    ///
    /// - Throws: `key_exists`, `key_unusable`, `key_name_malformed`.
    package func create(_ name: String, scheme: Scheme = .ed25519) throws(KeyError) -> Identity {
        _ = try path(of: name)
        let identity = Identity.generate(scheme)
        try save(identity, as: name)
        return identity
    }

    /// Keeps an identity under this name. It is on the disk, and whole, when this returns.
    ///
    /// - Throws: `key_exists`, `key_unusable`, `key_name_malformed`.
    package func save(_ identity: Identity, as name: String) throws(KeyError) {
        try save(text: identity.exported, as: name)
    }

    /// Where the key of this name is, or would be.
    ///
    /// - Throws: `key_name_malformed`: a name is 1 to 64 of `A-Z a-z 0-9 . _ -` and does not begin with a dot.
    package func path(of name: String) throws(KeyError) -> String {
        guard KeyStore.isName(name) else {
            throw KeyError(
                .nameMalformed,
                "the name of a key is 1 to \(MessageLimits.keyNameCharacters) of A-Z a-z 0-9 . _ - and does not begin "
                    + "with a dot")
        }
        return directory + "/" + name
    }

    static func isName(_ name: String) -> Bool {
        guard (1...MessageLimits.keyNameCharacters).contains(name.utf8.count), name.utf8.first != UInt8(ascii: ".")
        else {
            return false
        }
        return name.utf8.allSatisfy { character in
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    func unknown(_ name: String) throws(KeyError) -> KeyError {
        let names = try names()
        let others = names.isEmpty ? "there are none yet" : "there are: " + names.joined(separator: ", ")
        return KeyError(.unknown, "there is no key \(name) in \(directory); \(others)")
    }

    private static func homeOfAccount() -> String? {
        guard let account = getpwuid(geteuid()), let home = account.pointee.pw_dir else { return nil }
        return String(cString: home)
    }
}
