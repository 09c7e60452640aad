import Foundation

/// One blocking connection. Used by one thread; only ``hangUp()`` may come from another.
///
/// `@unchecked Sendable` because the buffer belongs to the thread that reads, and the descriptor never changes.
final class HTTPConnection: @unchecked Sendable {
    private let descriptor: Int32
    private let limit: Duration
    private var buffer: [UInt8] = []
    private var start = 0

    init(_ address: HTTPClient.Address, limit: Duration) throws {
        self.limit = limit
        switch address {
        case .tcp(let port, let source):
            descriptor = try Socket.make(AF_INET, SOCK_STREAM)
            var from = Socket.loopback(port: 0)
            inet_pton(AF_INET, source, &from.sin_addr)
            try Self.call(bind, "bind to \(source)", descriptor, &from)
            var to = Socket.loopback(port: port)
            try Self.call(connect, "connect", descriptor, &to)
        case .unix(let path):
            descriptor = try Socket.make(AF_UNIX, SOCK_STREAM)
            var to = sockaddr_un()
            to.sun_family = sa_family_t(AF_UNIX)
            guard path.utf8.count < MemoryLayout.size(ofValue: to.sun_path) else {
                throw SystemError("connect to \(path)", code: ENAMETOOLONG)
            }
            withUnsafeMutableBytes(of: &to.sun_path) { $0.copyBytes(from: path.utf8) }
            try Self.call(connect, "connect", descriptor, &to)
        }
        var time = timeval(tv_sec: Int(limit.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    private static func call<Address>(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ name: String, _ descriptor: Int32,
        _ address: inout Address
    ) throws {
        let done = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                function(descriptor, raw, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
        // The initializer that throws is complete by then, so `deinit` closes the descriptor.
        guard done else { throw SystemError(name) }
    }

    /// Makes a blocked read return.
    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SystemError("send") }
            rest = rest.dropFirst(count)
        }
    }

    /// The status and the headers, names in lower case.
    func readHead() throws -> (status: Int, headers: [String: String]) {
        let line = try readLine()
        let words = line.split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw SystemError("no HTTP: \(line)", code: EPROTO) }
        var headers: [String: String] = [:]
        while case let line = try readLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return (status, headers)
    }

    /// Reads the body to its end and hands on every piece as it comes.
    func readBody(_ headers: [String: String], _ take: ([UInt8]) -> Void) throws {
        if headers["transfer-encoding"]?.lowercased() == "chunked" {
            while let size = Int(try readLine().prefix { $0 != ";" }, radix: 16), size > 0 {
                try read(size, take)
                _ = try readLine()
            }
        } else if let size = headers["content-length"].flatMap({ Int($0) }) {
            try read(size, take)
        } else {
            repeat { take(takeBuffered(.max)) } while try fill()
        }
    }

    private func read(_ count: Int, _ take: ([UInt8]) -> Void) throws {
        var missing = count
        while missing > 0 {
            if start == buffer.count, try !fill() { throw SystemError("answer cut short", code: ECONNRESET) }
            let piece = takeBuffered(missing)
            missing -= piece.count
            take(piece)
        }
    }

    private func readLine() throws -> String {
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = takeBuffered(end - start + 1).dropLast()
                return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            guard try fill() else { throw SystemError("answer cut short", code: ECONNRESET) }
        }
    }

    private func takeBuffered(_ most: Int) -> [UInt8] {
        let count = min(most, buffer.count - start)
        defer { start += count }
        return Array(buffer[start..<start + count])
    }

    /// Waits for more bytes; false at the end.
    private func fill() throws -> Bool {
        buffer.removeFirst(start)
        start = 0
        let count = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { space in
            // A child of the test that ends interrupts the wait.
            var count = 0
            repeat { count = recv(descriptor, space.baseAddress, space.count, 0) } while count < 0 && errno == EINTR
            if count > 0 { buffer += space[..<count] }
            return count
        }
        guard count >= 0 else {
            guard errno == EAGAIN || errno == EWOULDBLOCK else { throw SystemError("recv") }
            throw NotInTime("no answer within \(limit)")
        }
        return count > 0
    }
}
