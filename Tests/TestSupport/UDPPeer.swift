import Foundation

/// A plain UDP socket on 127.0.0.1: what the programs of 2011 had, and what strangers have.
public final class UDPPeer: Sendable {
    public struct Datagram: Sendable {
        public let bytes: [UInt8]
        public let port: UInt16

        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    public let port: UInt16
    /// Everything that arrived.
    public let received = Mailbox<Datagram>()
    private let descriptor: Int32

    /// - Parameter port: 0: any free one.
    public init(port: UInt16 = 0) throws {
        descriptor = try Socket.make(AF_INET, SOCK_DGRAM)
        var size: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout.size(ofValue: size)))
        self.port = try Socket.bindToLoopback(descriptor, port: port)
        // The thread owns a copy of the descriptor, so that closing ours cannot make it read from a stranger's.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw SystemError("fcntl") }
        Thread.detachNewThread { [received] in Self.read(copy, into: received) }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    public func send(_ bytes: [UInt8], to port: UInt16) throws {
        var address = Socket.loopback(port: port)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                sendto(descriptor, bytes, bytes.count, 0, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Whoever was there before may have answered with "port unreachable": that is not this datagram's failure.
        guard sent == bytes.count || errno == ECONNREFUSED else { throw SystemError("sendto") }
    }

    public func send(_ text: String, to port: UInt16) throws {
        try send(Array(text.utf8), to: port)
    }

    /// The first datagram that `matches`. Asking here and not the mailbox keeps the socket open.
    public func first(
        within limit: Duration, where matches: @escaping @Sendable (Datagram) -> Bool = { _ in true }
    ) async -> Datagram? {
        await received.first(within: limit, where: matches)?.element
    }

    private static func read(_ descriptor: Int32, into received: Mailbox<Datagram>) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            _ = poll(&waiting, 1, -1)
            var address = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                    recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), raw, &size)
                }
            }
            if count >= 0, size > 0, address.sin_port != 0 {
                received.append(Datagram(bytes: Array(buffer[..<count]), port: UInt16(bigEndian: address.sin_port)))
            } else if waiting.revents & Int16(POLLHUP) != 0 || count == 0 {
                break
            }
        }
        received.finish()
        close(descriptor)
    }
}
