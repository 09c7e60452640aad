import Glibc

/// A stranger at a stream socket: connects, says bytes, and sees what comes back, without any protocol of ours.
public final class RawPeer: Sendable {
    private let descriptor: Int32

    /// Connects to 127.0.0.1.
    ///
    /// - Parameter source: the address of 127.0.0.0/8 that the other side sees.
    public init(tcp port: UInt16, from source: String = "127.0.0.1") throws {
        descriptor = try Socket.make(AF_INET, SOCK_STREAM)
        var own = Socket.loopback(port: 0)
        inet_pton(AF_INET, source, &own.sin_addr)
        let isBound = withUnsafePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else { throw SystemError("bind to \(source)") }
        var address = Socket.loopback(port: port)
        try connect(to: &address)
    }

    /// Connects to a unix socket.
    public init(unix path: String) throws {
        descriptor = try Socket.make(AF_UNIX, SOCK_STREAM)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        try connect(to: &address)
    }

    deinit { close(descriptor) }

    private func connect<Address>(to address: inout Address) throws {
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        // The descriptor is closed by `deinit`: all is initialised by now.
        guard result == 0 else { throw SystemError("connect") }
    }

    /// As much as the other side takes: it may hang up at any time.
    public func send(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    /// From now on its end is a reset: the other side may read what was said, and cannot ask any more who said it.
    public func resetAtEnd() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    }

    /// What has come, and what comes until so many bytes are there, the other side hangs up, or the time is over.
    ///
    /// - Returns: the bytes, and whether the other side has hung up.
    public func read(atMost count: Int = 1 << 20, within limit: Duration) -> (bytes: [UInt8], isClosed: Bool) {
        let deadline = ContinuousClock.now + limit
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count < count {
            let (seconds, attoseconds) = ContinuousClock.now.duration(to: deadline).components
            let left = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&waiting, 1, Int32(clamping: left)) > 0 else { return (bytes, false) }
            let got = recv(descriptor, &chunk, min(chunk.count, count - bytes.count), 0)
            guard got > 0 else { return (bytes, true) }
            bytes += chunk[..<got]
        }
        return (bytes, false)
    }
}
