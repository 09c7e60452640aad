import Glibc

/// Socket files, asked without libzmq.
package enum UnixSocket {
    /// Calls `body` with the address of a socket file, or of a name that begins with a zero byte; nil where it has no room.
    package static func withAddress<Result>(
        _ name: some Collection<UInt8>, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result? {
        guard name.count <= ListenAddress.maximumUnixPathBytes else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // A name without a file ends where the address ends, not at a zero.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// Whether somebody listens at the path; what a killed process left is only a file.
    package static func isServed(_ path: String) -> Bool {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // One that has no room for us just now is there, too.
        return withAddress(path.utf8) { connect(descriptor, $0, $1) == 0 || errno == EAGAIN } ?? false
    }
}
