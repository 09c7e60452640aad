import NIOCore

// The kernel's buffer of a socket: what arrives while nobody reads waits there, and what finds no room is lost unseen.
extension Channel {
    /// `SO_RCVBUFFORCE` of `socket(7)`: as `SO_RCVBUF`, past the system's ceiling.
    private static var forcedReceiveBuffer: NIOBSDSocket.Option { .init(rawValue: 33) }
    /// `SO_MEMINFO` of `asm-generic/socket.h`: nine numbers of 32 bits, of which the last counts drops.
    private static var memoryInformation: NIOBSDSocket.Option { .init(rawValue: 55) }

    /// Makes the buffer as large as asked, whatever `net.core.rmem_max` says. Needs `CAP_NET_ADMIN`; without it the size
    /// that the system allowed stays.
    func ignoreBufferCeiling(_ bytes: Int) async {
        let option = ChannelOptions.Types.SocketOption(level: .socket, name: Self.forcedReceiveBuffer)
        try? await setOption(option, value: bytes).get()
    }

    /// Datagrams that found no room since the socket was opened.
    func receiveDrops() -> EventLoopFuture<UInt64> {
        guard let socket = self as? any SocketOptionProvider else { return eventLoop.makeSucceededFuture(0) }
        let numbers: EventLoopFuture<SocketMemory> = socket.unsafeGetSocketOption(
            level: .socket, name: Self.memoryInformation)
        return numbers.map { UInt64($0.drops) }
    }
}

/// What the kernel says about a socket's memory, in its order (`SK_MEMINFO_…` of `linux/sock_diag.h`).
private struct SocketMemory: Sendable {
    var received: UInt32
    var receiveBuffer: UInt32
    var sent: UInt32
    var sendBuffer: UInt32
    var forward: UInt32
    var queued: UInt32
    var options: UInt32
    var backlog: UInt32
    var drops: UInt32
}
