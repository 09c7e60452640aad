import Foundation
import Glibc

/// A UDP socket on loopback that sends and receives many datagrams with one system call, so that the generator does not
/// need the processor that the measured switch runs on. Used by one thread.
public final class RelaySocket {
    /// `struct mmsghdr` of the C library, which its Swift module does not show.
    private struct Entry {
        var header = msghdr()
        var length: UInt32 = 0
    }

    private typealias Send = @convention(c) (Int32, UnsafeMutableRawPointer, UInt32, Int32) -> Int32
    private typealias Receive =
        @convention(c) (Int32, UnsafeMutableRawPointer, UInt32, Int32, UnsafeRawPointer?) -> Int32

    static let batch = 64
    static let slot = 2_048

    let descriptor: Int32
    let port: UInt16
    private let space: UnsafeMutableRawPointer
    private let vectors: UnsafeMutablePointer<iovec>
    private let entries: UnsafeMutablePointer<Entry>
    private let sendMany: Send
    private let receiveMany: Receive

    /// A socket that is connected to a switch.
    ///
    /// - Parameters:
    ///   - host: its address, of 127.0.0.0/8.
    ///   - source: the one that it sees.
    public init(to switchPort: UInt16, at host: String = "127.0.0.1", from source: String = "127.0.0.1") throws {
        guard let send = dlsym(nil, "sendmmsg"), let receive = dlsym(nil, "recvmmsg") else {
            throw SystemError("sendmmsg, recvmmsg", code: ENOSYS)
        }
        sendMany = unsafeBitCast(send, to: Send.self)
        receiveMany = unsafeBitCast(receive, to: Receive.self)
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var size: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var own = Socket.loopback(port: 0)
        inet_pton(AF_INET, source, &own.sin_addr)
        var address = Socket.loopback(port: switchPort)
        inet_pton(AF_INET, host, &address.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let file = descriptor
        let bound = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(file, $0, length) == 0 }
        }
        let connected = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, length) == 0 && getsockname(file, $0, &length) == 0
            }
        }
        guard bound else { throw SystemError("bind to \(source)") }
        guard connected else { throw SystemError("connect") }
        port = UInt16(bigEndian: address.sin_port)

        space = .allocate(byteCount: Self.batch * Self.slot, alignment: 64)
        vectors = .allocate(capacity: Self.batch)
        entries = .allocate(capacity: Self.batch)
        for index in 0..<Self.batch {
            vectors[index] = iovec(iov_base: space + index * Self.slot, iov_len: Self.slot)
            entries[index] = Entry()
            entries[index].header.msg_iov = vectors + index
            entries[index].header.msg_iovlen = 1
        }
    }

    deinit {
        close(descriptor)
        space.deallocate()
        vectors.deallocate()
        entries.deallocate()
    }

    /// Sends one datagram.
    public func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        let sent = Glibc.send(descriptor, bytes, bytes.count, 0)
        // Nobody was there when we sent before: the switch may still be starting.
        guard sent == bytes.count || errno == ECONNREFUSED else { throw SystemError("send") }
    }

    /// Sends up to `count` copies of `template`, each written over by `edit`; returns how many went out.
    public func send(_ count: Int, of template: [UInt8], edit: (Int, UnsafeMutableRawBufferPointer) -> Void) throws
        -> Int
    {
        let count = min(count, Self.batch)
        for index in 0..<count {
            let bytes = UnsafeMutableRawBufferPointer(start: space + index * Self.slot, count: template.count)
            bytes.copyBytes(from: template)
            edit(index, bytes)
            vectors[index].iov_len = template.count
        }
        let sent = sendMany(descriptor, entries, UInt32(count), 0)
        guard sent >= 0 else { throw SystemError("sendmmsg") }
        return Int(sent)
    }

    /// Hands every datagram that has arrived to `take`; waits up to `patience` milliseconds when there is none.
    ///
    /// - Returns: how many there were.
    public func receive(waiting patience: Int32, _ take: (UnsafeRawBufferPointer) -> Void) throws -> Int {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, patience) > 0 else { return 0 }
        for index in 0..<Self.batch { vectors[index].iov_len = Self.slot }
        let count = receiveMany(descriptor, entries, UInt32(Self.batch), Int32(MSG_DONTWAIT), nil)
        guard count >= 0 else {
            if errno == EAGAIN || errno == ECONNREFUSED { return 0 }
            throw SystemError("recvmmsg")
        }
        for index in 0..<Int(count) {
            take(UnsafeRawBufferPointer(start: space + index * Self.slot, count: Int(entries[index].length)))
        }
        return Int(count)
    }
}
