import Dispatch
import Glibc
import ServiceRuntime

/// Asks the renderer whether router, receiver and page are ready: `GET /readyz`, one connection a question.
struct PageProbe: Sendable {
    private static let queue = DispatchQueue(label: "p2pmsg.probe")

    let address: ListenAddress
    let basePath: String

    /// Waits until the page answers, or until the task is cancelled.
    func untilReady() async throws {
        while true {
            if await isReady() { return }
            try await Task.sleep(for: Limits.probePause)
        }
    }

    func isReady() async -> Bool {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: ask()) }
        }
    }

    private func ask() -> Bool {
        for path in paths {
            switch status(of: path) {
            case 200: return true
            case 404: continue
            default: return false
            }
        }
        return false
    }

    /// Health is served at the root; behind a base path it may be below that only.
    private var paths: [String] {
        let base = basePath.hasSuffix("/") ? String(basePath.dropLast()) : basePath
        return base.isEmpty ? ["/readyz"] : ["/readyz", base + "/readyz"]
    }

    private func status(of path: String) -> Int? {
        guard let descriptor = StreamSocket.connect(to: address, seconds: Limits.probeSeconds) else { return nil }
        defer { close(descriptor) }
        let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        let sent = request.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        guard sent == request.utf8.count else { return nil }
        return PageProbe.status(inHead: StreamSocket.read(descriptor, atLeast: 12))
    }

    /// The status of `HTTP/1.1 200 …`.
    static func status(inHead head: [UInt8]) -> Int? {
        let words = String(decoding: head, as: UTF8.self).split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].prefix(3).count == 3 else { return nil }
        return Int(words[1].prefix(3))
    }
}

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
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            guard bytes.count <= ListenAddress.maximumUnixPathBytes else { return nil }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body(AF_UNIX, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        case .ip(let host, let port):
            var hints = addrinfo()
            hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var found: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(reachable ? NodePlan.reachable(host) : host, "\(port)", &hints, &found) == 0, let found
            else { return nil }
            defer { freeaddrinfo(found) }
            return body(found.pointee.ai_family, found.pointee.ai_addr, found.pointee.ai_addrlen)
        }
    }
}
