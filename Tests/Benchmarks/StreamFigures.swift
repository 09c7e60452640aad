import Foundation
import Glibc
import TestSupport

extension Benchmark {
    /// 2,000 readers with the page open: what the renderer holds in memory, and when a message has reached all of them.
    static let streams = Benchmark(name: "streams") {
        let count = 2_000
        let node = try await TestNode.start()
        try await node.awaitFeed()
        let crowd = try StreamCrowd(count: count, port: node.httpPort)
        var times: [Double] = []
        for round in 0..<20 {
            let marker = "to everybody \(round)"
            let reached = Task.detached { try crowd.secondsUntilAllGot(marker, within: 10) }
            try await node.send(marker)
            times.append(try await reached.value)
        }
        let memory = try residentMegabytes(Binaries.renderer, of: node)
        crowd.hangUp()
        _ = try await node.stop()
        let samples = Samples(times)
        return [
            Figure(
                what: "renderer's resident memory with 2,000 event streams open", goal: "≤ 150 MB",
                measured: "\(memory.short) MB", isMet: memory <= 150, how: "VmRSS, after the messages below"),
            Figure(
                what: "a message, from its first reader to its last of 2,000", goal: "≤ 1 s",
                measured: "\(samples.median.short) s", isMet: samples.largest <= 1,
                how: "median of \(times.count), largest \(samples.largest.short); one thread reads all"),
        ]
    }
}

/// Many event streams, read by one thread.
///
/// `@unchecked Sendable`: only one task at a time reads.
private final class StreamCrowd: @unchecked Sendable {
    private var sockets: [pollfd] = []
    private var tails: [[UInt8]]

    init(count: Int, port: UInt16) throws {
        tails = Array(repeating: [], count: count)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(7), &limit)  // RLIMIT_NOFILE
        limit.rlim_cur = min(limit.rlim_max, rlim_t(count) + 512)
        setrlimit(__rlimit_resource_t(7), &limit)
        let request = Array("GET /events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAccept: text/event-stream\r\n\r\n".utf8)
        for index in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw SystemError("socket") }
            sockets.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            // From many hosts: one has no more than its share.
            guard call(bind, descriptor, host: 0x7f00_0002 + UInt32(index / 100), port: 0) == 0,
                call(connect, descriptor, host: 0x7f00_0001, port: port) == 0,
                Glibc.send(descriptor, request, request.count, 0) == request.count
            else {
                throw SystemError("connect")
            }
        }
        // Every stream begins with a line of its own.
        _ = try secondsUntilAllGot("retry: ", within: 60)
    }

    private func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32, host: UInt32,
        port: UInt16
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Reads until a text has come on every stream.
    ///
    /// - Returns: the seconds from the first stream that got it to the last.
    func secondsUntilAllGot(_ text: String, within limit: Double) throws -> Double {
        let wanted = Array(text.utf8)
        var left = Set(sockets.indices)
        var first: ContinuousClock.Instant?
        let start = ContinuousClock.now
        var last = start
        while !left.isEmpty {
            guard (ContinuousClock.now - start).seconds < limit else {
                throw NotInTime("“\(text)” on \(left.count) of \(sockets.count) streams")
            }
            poll(&sockets, nfds_t(sockets.count), 100)
            for index in sockets.indices where sockets[index].revents != 0 {
                guard read(index) else { throw NotInTime("a stream ended") }
                guard left.contains(index), contains(wanted, in: tails[index]) else { continue }
                left.remove(index)
                tails[index] = []
                last = .now
                first = first ?? last
            }
        }
        return ((first ?? last).duration(to: last)).seconds
    }

    private func read(_ index: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(sockets[index].fd, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        tails[index] += buffer.prefix(count)
        if tails[index].count > 32_768 { tails[index].removeFirst(tails[index].count - 16_384) }
        return true
    }

    private func contains(_ wanted: [UInt8], in text: [UInt8]) -> Bool {
        guard text.count >= wanted.count else { return false }
        return (0...(text.count - wanted.count)).contains { text[$0] == wanted[0] && text[$0...].starts(with: wanted) }
    }

    func hangUp() {
        for socket in sockets { close(socket.fd) }
        sockets = []
    }
}
