#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

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
        if Self.move(try claimPath(of: name), to: try claimPath(of: other)) == ENOENT {
            unlink(try claimPath(of: other))
        }
        guard unlink(path) == 0 else { throw .system(errno, "remove \(path)") }
        try KeyFile.flush(directory)
    }

    /// - Returns: the system's error number, 0 for none.
    private static func move(_ path: String, to target: String) -> CInt {
        #if canImport(Glibc)
        return Glibc.rename(path, target) == 0 ? 0 : errno
        #elseif canImport(Musl)
        return Musl.rename(path, target) == 0 ? 0 : errno
        #else
        return Darwin.rename(path, target) == 0 ? 0 : errno
        #endif
    }
}
