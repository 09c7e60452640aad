import Glibc
import ServiceRuntime

/// The way to a supervisor that speaks `sd_notify`: datagrams of `NAME=value` lines to the socket in `NOTIFY_SOCKET`.
package struct SystemdSocket: Sendable {
    /// The socket's address; one that begins with a zero byte has no file.
    private let name: [UInt8]
    /// How often the supervisor wants to hear that the service is alive, if it does.
    let watchdog: Duration?

    /// - Returns: nil when nobody wants to be told.
    package init?(environment: [String: String] = Environment.current, processID: Int32 = getpid()) {
        guard let path = environment["NOTIFY_SOCKET"], let first = path.utf8.first,
            path.utf8.count <= ListenAddress.maximumUnixPathBytes
        else { return nil }
        switch first {
        case UInt8(ascii: "/"): name = Array(path.utf8)
        case UInt8(ascii: "@"): name = [0] + path.utf8.dropFirst()
        default: return nil
        }
        // The variables may be inherited from somebody whom they were meant for.
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(processID)" } ?? true
        watchdog =
            environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            .flatMap { isOurs && $0 > 0 ? .microseconds($0) : nil }
    }

    /// Sends the lines together. What cannot be sent is lost: the supervisor will notice the silence.
    func send(_ lines: [String]) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = Array(lines.joined(separator: "\n").utf8)
        _ = UnixSocket.withAddress(name) { sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, $1) }
    }
}
