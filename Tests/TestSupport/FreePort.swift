import Glibc

/// Ports of 127.0.0.1 that nothing uses at the moment of asking.
public enum FreePort {
    public static func udp() throws -> UInt16 { try port(SOCK_DGRAM) }
    public static func tcp() throws -> UInt16 { try port(SOCK_STREAM) }

    private static func port(_ type: __socket_type) throws -> UInt16 {
        let socket = try Socket.make(AF_INET, type)
        defer { close(socket) }
        return try Socket.bindToLoopback(socket, port: 0)
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
