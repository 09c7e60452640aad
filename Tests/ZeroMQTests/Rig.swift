import Synchronization
import TestSupport
import ZeroMQ

/// One loop and a directory for its sockets.
struct Rig: Sendable {
    let loop: Loop
    let directory: TemporaryDirectory
    /// What callbacks threw.
    let errors = Mailbox<String>()

    init(_ name: String = "rig", directory: TemporaryDirectory? = nil) throws {
        self.directory = try directory ?? TemporaryDirectory()
        loop = try Loop(name: name) { [errors] in errors.append("\($0)") }
    }

    func endpoint(_ name: String = "s") -> String { "ipc://" + directory.file(name) }

    /// A socket that stays in its loop, bound, giving what it receives to the mailbox.
    func bound(
        _ kind: SocketKind, to endpoint: String, _ options: SocketOptions = SocketOptions(),
        into mailbox: Mailbox<[[UInt8]]>? = nil
    ) async throws -> LoopBound<Socket> {
        try await loop.run { context in
            let socket = try context.socket(kind, options)
            try socket.observeConnections()
            try socket.bind(endpoint)
            if let mailbox { socket.onReceive = { mailbox.append($0) } }
            return LoopBound(socket, in: context)
        }
    }

    func connected(
        _ kind: SocketKind, to endpoint: String, _ options: SocketOptions = SocketOptions(),
        into mailbox: Mailbox<[[UInt8]]>? = nil
    ) async throws -> LoopBound<Socket> {
        try await loop.run { context in
            let socket = try context.socket(kind, options)
            try socket.connect(endpoint)
            if let mailbox { socket.onReceive = { mailbox.append($0) } }
            return LoopBound(socket, in: context)
        }
    }

    /// Sends once a peer is there.
    func sendWhenWritable(_ socket: LoopBound<Socket>, _ frames: [[UInt8]]) async throws {
        loop.post { context in
            let socket = socket.value(in: context)
            socket.whenWritable { [unowned socket] in socket.send(frames) }
        }
    }

    func counters(_ socket: LoopBound<Socket>) async throws -> SocketCounters {
        try await loop.run { socket.value(in: $0).counters }
    }
}

/// Reproducible random numbers (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}

/// A number as a frame, and back.
func frame(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) } }
func number(_ frame: [UInt8]) -> Int { frame.reduce(0) { $0 << 8 | Int($1) } }

/// The error of a body that is expected to throw one of ours.
func zeroMQError(_ body: () async throws -> Void) async -> ZeroMQError? {
    do { try await body() } catch { return error as? ZeroMQError }
    return nil
}

extension Mailbox {
    /// Waits until there are so many elements; false when the time is over or nothing more will come.
    func reached(_ wanted: Int, within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while count < wanted {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, await first(from: count, within: left) != nil else { return count >= wanted }
        }
        return true
    }
}
