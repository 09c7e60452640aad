import CDatagrams
import Glibc
import ServiceRuntime
import TelehashWire

/// A bound UDP socket as the system has it.
struct UDPSocket: Sendable {
    let descriptor: CInt
    let isIPv6: Bool
    private let host: String
    /// Where it listens, which the system may have chosen.
    let port: Int
    var address: ListenAddress { .ip(host: host, port: port) }

    /// - Parameter bufferBytes: that the system should keep in each direction.
    init(bindingTo host: String, port: Int, bufferBytes: Int) throws(SocketError) {
        guard var address = SocketAddress(host, port: port) else { throw SocketError(code: EINVAL) }
        (isIPv6, self.host) = (host.contains(Character(":")), host)
        let kind = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw SocketError(code: errno) }
        let descriptor = descriptor
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0, let bound = SocketAddress(of: descriptor) else {
            let code = errno
            Glibc.close(descriptor)
            throw SocketError(code: code)
        }
        self.port = bound.port
        set(SO_RCVBUF, bufferBytes)
        set(SO_SNDBUF, bufferBytes)
        // Past the system's ceiling (net.core.rmem_max), where the process has CAP_NET_ADMIN.
        set(UDPSocket.forcedReceiveBuffer, bufferBytes)
    }

    /// Sends the first ones of a batch; see ``Outbox``.
    func send(_ batch: ArraySlice<Outgoing>, through room: DatagramRoom) -> Outbox.Sent {
        guard let first = batch.first else { return .sent(0) }
        let count = room.fill(batch)
        // It has no place in a batch, so it would never go.
        guard count > 0 else { return .failed(first.bytes.isEmpty ? EINVAL : EMSGSIZE) }
        let sent = p2pmsg_send_datagrams(descriptor, isIPv6, room.datagrams.baseAddress, UInt32(count))
        if sent > 0 { return .sent(Int(sent)) }
        return sent == -EAGAIN || sent == -EWOULDBLOCK ? .blocked : .failed(-sent)
    }

    /// Reads what has come, and returns how many datagrams, or a negative `errno`.
    func receive(into room: DatagramRoom) -> CInt {
        p2pmsg_receive_datagrams(
            descriptor, room.bytes.baseAddress, room.bytesEach, room.datagrams.baseAddress, UInt32(Outbox.batch))
    }

    /// The error that the socket has, which is told once; where it has none and yet can't be used, that it was reset.
    func takeError() -> CInt {
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        return code == 0 ? ECONNRESET : code
    }

    func close() { Glibc.close(descriptor) }

    /// Datagrams that found no room in the system's buffer since the socket was bound.
    var receiveDrops: UInt64 {
        // `SK_MEMINFO_…` of `linux/sock_diag.h`: nine numbers of 32 bits, of which the last counts drops.
        var numbers = [UInt32](repeating: 0, count: 9)
        var length = socklen_t(numbers.count * MemoryLayout<UInt32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, UDPSocket.memoryInformation, &numbers, &length) == 0 else { return 0 }
        return UInt64(numbers[8])
    }

    /// `SO_RCVBUFFORCE` of `socket(7)`.
    private static let forcedReceiveBuffer: CInt = 33
    /// `SO_MEMINFO` of `asm-generic/socket.h`.
    private static let memoryInformation: CInt = 55

    private func set(_ option: CInt, _ bytes: Int) {
        var value = CInt(clamping: bytes)
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}

/// The room in which a batch of datagrams stands while it is given to the system, or comes from it.
final class DatagramRoom {
    /// Above the longest datagram that a switch sends, which is one that it passes on.
    static let toSend = 2_048
    /// The largest telex that is accepted and one byte more, so that a longer one is seen as such.
    static let toReceive = 8_192 + 1

    fileprivate let bytesEach: Int
    fileprivate let bytes: UnsafeMutableRawBufferPointer
    fileprivate let datagrams = UnsafeMutableBufferPointer<p2pmsg_datagram>.allocate(capacity: Outbox.batch)

    init(bytesEach: Int) {
        self.bytesEach = bytesEach
        bytes = .allocate(byteCount: Outbox.batch * bytesEach, alignment: 64)
        datagrams.initialize(repeating: p2pmsg_datagram())
    }

    deinit {
        bytes.deallocate()
        datagrams.deallocate()
    }

    /// Copies the first ones that fit, and returns how many.
    fileprivate func fill(_ batch: ArraySlice<Outgoing>) -> Int {
        var count = 0
        for outgoing in batch.prefix(Outbox.batch) {
            guard (1...bytesEach).contains(outgoing.bytes.count) else { break }
            let place = UnsafeMutableRawBufferPointer(rebasing: bytes[(count * bytesEach)...])
            place.copyBytes(from: outgoing.bytes)
            var datagram = p2pmsg_datagram()
            datagram.bytes = UnsafeRawPointer(place.baseAddress)
            datagram.count = outgoing.bytes.count
            datagram.port = outgoing.endpoint.port
            switch outgoing.endpoint.address {
            case .v4(let bits): datagram.low = UInt64(bits)
            case .v6(let high, let low): (datagram.high, datagram.low, datagram.is_ipv6) = (high, low, true)
            }
            datagrams[count] = datagram
            count += 1
        }
        return count
    }

    func bytes(_ index: Int) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: datagrams[index].bytes, count: datagrams[index].count))
    }

    /// Nil where it makes no sense: nobody has port 0.
    func sender(_ index: Int) -> Endpoint? {
        let datagram = datagrams[index]
        let address: Endpoint.Address =
            datagram.is_ipv6 ? .v6(datagram.high, datagram.low) : .v4(UInt32(truncatingIfNeeded: datagram.low))
        return Endpoint(address: address, port: datagram.port)
    }
}

/// Why a socket can't be had.
struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
    let code: CInt

    var description: String { describe(errno: code) }
}

extension FailureReport {
    /// What is wrong with `--udp`, and what to do about it.
    init(_ error: SocketError, listeningAt address: ListenAddress) {
        let why =
            switch error.code {
            case EADDRINUSE: "another program uses that port (is a router running already?); choose another with --udp"
            case EACCES: "this user may not use that port; choose one above 1023 with --udp"
            case EAFNOSUPPORT where address.isIPv6, EPROTONOSUPPORT where address.isIPv6:
                "this machine has no IPv6; choose an IPv4 address with --udp, such as 0.0.0.0:42424"
            case EADDRNOTAVAIL:
                "this machine has no such address (see ip address); choose one that it has with --udp, or "
                    + "\(address.isIPv6 ? "[::]" : "0.0.0.0"):42424 for all of them"
            default: "\(error); choose another address with --udp"
            }
        self.init("cannot listen on UDP \(address): \(why)")
    }
}
