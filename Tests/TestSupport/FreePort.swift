import Glibc
import Synchronization

/// Ports of 127.0.0.1 for services to come: each is told once, nothing used it at the moment of asking, and no socket
/// that lets the system choose will get it before the service does.
public enum FreePort {
    private static let told = Mutex<Set<UInt16>>([])

    public static func udp() throws -> UInt16 { try port(SOCK_DGRAM) }
    public static func tcp() throws -> UInt16 { try port(SOCK_STREAM) }

    /// The first of so many ports, one after the other.
    public static func tcp(row count: UInt16) throws -> UInt16 {
        for _ in 0..<1_000 {
            let first = try tcp()
            let others = (1..<count).map { first + $0 }
            guard told.withLock({ $0.isDisjoint(with: others) }),
                (try? others.forEach { _ = try bound(SOCK_STREAM, to: $0) }) != nil
            else { continue }
            told.withLock { $0.formUnion(others) }
            return first
        }
        throw SystemError("find a row of free ports", code: EADDRINUSE)
    }

    /// From here on the system hands ports out by itself: to every connection that is made, for one.
    static func firstEphemeral() -> UInt16 {
        guard let file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r") else { return 32_768 }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 32)
        guard fgets(&text, 32, file) != nil else { return 32_768 }
        return UInt16(clamping: strtol(text, nil, 10))
    }

    private static func port(_ type: __socket_type) throws -> UInt16 {
        let end = firstEphemeral()
        // A machine that leaves no room below chooses by itself.
        guard end > 12_000 else { return try bound(type, to: 0) }
        for _ in 0..<1_000 {
            let port = UInt16.random(in: 10_000..<end)
            guard told.withLock({ $0.insert(port).inserted }) else { continue }
            if let free = try? bound(type, to: port) { return free }
        }
        throw SystemError("find a free port", code: EADDRINUSE)
    }

    private static func bound(_ type: __socket_type, to port: UInt16) throws -> UInt16 {
        let socket = try Socket.make(AF_INET, type)
        defer { close(socket) }
        return try Socket.bindToLoopback(socket, port: port)
    }
}

/// The few socket calls that the helpers of the tests share.
enum Socket {
    static func make(_ family: Int32, _ type: __socket_type) throws -> Int32 {
        let descriptor = socket(family, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        return descriptor
    }

    static func loopback(port: UInt16) -> sockaddr_in {
        sockaddr_in(
            sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian,
            sin_addr: in_addr(s_addr: UInt32(0x7F00_0001).bigEndian), sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
    }

    /// Binds to 127.0.0.1 and returns the port, which the system chooses for `port` 0.
    static func bindToLoopback(_ descriptor: Int32, port: UInt16) throws -> UInt16 {
        var address = loopback(port: port)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && getsockname(descriptor, raw, &size) == 0
            }
        }
        guard done else { throw SystemError("bind to port \(port)") }
        return UInt16(bigEndian: address.sin_port)
    }
}
