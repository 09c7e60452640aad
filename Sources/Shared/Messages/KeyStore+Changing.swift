import Glibc

extension KeyStore {
    /// Removes a key for ever, with what its messages were to say of a name.
    ///
    /// - Throws: `key_unknown`, `key_exposed`, `key_unusable`, `key_name_malformed`.
    package func delete(_ name: String) throws(KeyError) {
        let path = try path(of: name)
        try KeyFile.checkDirectory(directory)
        guard unlink(path) == 0 else {
            let error = errno
            if error == ENOENT { throw try unknown(name) }
            throw .system(error, "remove \(path)")
        }
        unlink(try claimPath(of: name))
        try KeyFile.flush(directory)
    }

    /// Gives a key another name.
    ///
    /// - Throws: as ``delete(_:)``, and `key_exists`.
    package func rename(_ name: String, to other: String) throws(KeyError) {
        let (path, target) = (try path(of: name), try path(of: other))
        try KeyFile.checkDirectory(directory)
        // A link never replaces anything. Until the old name goes the key has both.
        guard link(path, target) == 0 else {
            switch errno {
            case ENOENT: throw try unknown(name)
            case EEXIST: throw KeyError(.exists, "there is a key \(other) in \(directory) already")
            default: throw .system(errno, "write \(target)")
            }
        }
        // What an earlier key of that name said does not hold for this one.
        let claim = try claimPath(of: other)
        if Glibc.rename(try claimPath(of: name), claim) != 0, errno == ENOENT { unlink(claim) }
        guard unlink(path) == 0 else { throw .system(errno, "remove \(path)") }
        try KeyFile.flush(directory)
    }
}
