import Foundation
import Glibc

/// The socket on which systemd hears of its services.
public final class FakeSupervisor: Sendable {
    /// Every datagram.
    public let heard = Mailbox<String>()
    /// What to put into `NOTIFY_SOCKET`.
    public let path: String
    private let descriptor: Int32

    /// - Parameter path: of the socket's file; with `@` in front a name without a file.
    public init(path: String) throws {
        self.path = path
        descriptor = try Socket.make(AF_UNIX, SOCK_DGRAM)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = path.hasPrefix("@") ? [0] + path.utf8.dropFirst() : Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0 else { throw SystemError("bind \(path)") }
        Thread.detachNewThread { [descriptor, heard] in
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                heard.append(String(decoding: buffer[..<count], as: UTF8.self))
            }
            close(descriptor)
            heard.finish()
        }
    }

    // Wakes the thread, which closes it.
    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
