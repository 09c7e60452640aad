import CAccept
import CZeroMQ
import Glibc

/// How many descriptors this process has left.
///
/// libzmq takes connections without asking. When there is no descriptor for one, a socket on `tcp://` tries again and
/// again with a whole core, and one on `ipc://` ends the process (`errno_assert` in its `ipc_listener_t::accept` knows
/// ENFILE, but not EMFILE). So sockets stop listening before it comes to that: see ``Socket/accepted(_:)``.
struct Descriptors {
    /// Descriptors from this number on aren't for connections from outside.
    let firstReserved: Int32
    private let reserve: Int32

    init(limit: Int = limit()) {
        reserve = Int32(clamping: min(ZeroMQLimits.descriptorReserve, limit / 4))
        firstReserved = Int32(clamping: limit) - reserve
    }

    /// Whether a connection with this descriptor is one of the last that we can afford. The system gives the lowest
    /// number that is free, so all before it are taken.
    func isScarce(after descriptor: Int32) -> Bool { descriptor >= firstReserved }

    /// Whether there is room for more connections: something is free before the reserve, and the reserve itself is
    /// not half gone (to connections that came before we reacted).
    ///
    /// - Parameter descriptor: any that is open.
    func haveRoom(probing descriptor: Int32) -> Bool {
        func next(from lowest: Int32) -> Int32? {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, lowest)
            guard copy >= 0 else { return nil }
            close(copy)
            return copy
        }
        guard let low = next(from: 0), let high = next(from: firstReserved) else { return false }
        return low < firstReserved - reserve / 4 && high < firstReserved + max(1, reserve / 2)
    }

    /// Whether so many descriptors can be had at this moment.
    static func areFree(_ count: Int) -> Bool {
        var taken: [Int32] = []
        defer { for descriptor in taken { close(descriptor) } }
        for _ in 0..<count {
            let descriptor = p2pmsg_eventfd_create()
            guard descriptor >= 0 else { return false }
            taken.append(descriptor)
        }
        return true
    }

    /// The soft limit of open files.
    static func limit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(clamping: limit.rlim_cur)
    }
}

/// Connections to sockets of this process that were closed at once, because too few descriptors were left for them.
///
/// libzmq would end the process instead; see `accept.c`.
package enum RefusedConnections {
    /// Since the process was started.
    package static var count: UInt64 { p2pmsg_refused_connections() }

    /// The counter's name in `/metrics` and `status`.
    package static let counterName = "connections_refused"
}
