import Glibc
import ServiceRuntime

/// Blocking stream sockets, for one short question at a time.
enum StreamSocket {
    /// A connected socket with time limits, or nil.
    static func connect(to address: ListenAddress, seconds: Int) -> Int32? {
        withAddress(of: address, reachable: true) { family, pointer, length in
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return nil }
            var limit = timeval(tv_sec: seconds, tv_usec: 0)
            let size = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
            guard Glibc.connect(descriptor, pointer, length) == 0 else {
                close(descriptor)
                return nil
            }
            return descriptor
        }
    }

    /// Why nobody could listen at an IP address now; nil where somebody could.
    static func listenProblem(at address: ListenAddress) -> Int32? {
        guard case .ip = address else { return nil }
        return withAddress(of: address, reachable: false) { family, pointer, length in
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return errno }
            defer { close(descriptor) }
            var yes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            return bind(descriptor, pointer, length) == 0 ? nil : errno
        }
    }

    /// What arrives until there is enough, the other side ends or the time is over.
    static func read(_ descriptor: Int32, atLeast count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 512)
        while bytes.count < count {
            let received = recv(descriptor, &chunk, chunk.count, 0)
            guard received > 0 else { break }
            bytes += chunk[..<received]
        }
        return bytes
    }

    private static func withAddress<Result>(
        of address: ListenAddress, reachable: Bool,
        _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Result?
    ) -> Result? {
        switch address {
        case .unix(let path):
            var socketAddress = sockaddr_un()
            socketAddress.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            guard bytes.count <= ListenAddress.maximumUnixPathBytes else { return nil }
            withUnsafeMutableBytes(of: &socketAddress.sun_path) { $0.copyBytes(from: bytes) }
            return pass(&socketAddress, family: AF_UNIX, body)
        case .ip(let host, let port):
            let host = reachable ? NodePlan.reachable(host) : host
            let bigEndianPort = in_port_t(truncatingIfNeeded: port).bigEndian
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = bigEndianPort
            if inet_pton(AF_INET, host, &four.sin_addr) == 1 { return pass(&four, family: AF_INET, body) }
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = bigEndianPort
            guard inet_pton(AF_INET6, host, &six.sin6_addr) == 1 else { return nil }
            return pass(&six, family: AF_INET6, body)
        }
    }

    private static func pass<Address, Result>(
        _ address: inout Address, family: Int32, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Result?
    ) -> Result? {
        let length = socklen_t(MemoryLayout<Address>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body(family, $0, length) }
        }
    }
}
