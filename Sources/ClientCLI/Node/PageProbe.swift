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
