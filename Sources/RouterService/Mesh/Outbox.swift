import Glibc
import TelehashWire

/// A datagram on its way out.
struct Outgoing: Sendable {
    let bytes: [UInt8]
    let endpoint: Endpoint
}

/// Datagrams on their way out, in order. Whatever the system says to one of them costs that one and no other.
struct Outbox: Sendable {
    /// What the system made of a batch, of which it takes the first ones.
    enum Sent: Equatable, Sendable {
        /// The first so many, at least one, are gone.
        case sent(Int)
        /// None: the socket's buffer is full for a moment.
        case blocked
        /// The first one can't be sent, and why: an `errno`.
        case failed(CInt)
    }

    /// Datagrams that are given to the system at once.
    static let batch = 64

    private var waiting: [Outgoing] = []
    private var head = 0
    private(set) var failures = Tally<UnsentReason>()
    /// Whether what waits has to be tried again by somebody.
    private(set) var isBlocked = false

    /// How many wait.
    var count: Int { waiting.count - head }

    mutating func add(_ datagram: Outgoing) {
        guard count < RouterLimits.waitingDatagrams else { return failures[.noRoom] += 1 }
        waiting.append(datagram)
    }

    /// Gives everything to the system, until it takes no more for now.
    mutating func flush(_ transmit: (ArraySlice<Outgoing>) -> Sent) {
        isBlocked = false
        while head < waiting.count {
            switch transmit(waiting[head..<min(head + Outbox.batch, waiting.count)]) {
            case .sent(let count): head += max(count, 1)
            case .failed(let code):
                failures[UnsentReason(code)] += 1
                head += 1
            case .blocked:
                isBlocked = true
                if head > RouterLimits.waitingDatagrams / 2 { forgetSent() }
                return
            }
        }
        forgetSent()
    }

    /// There is no socket: what waits will never go.
    mutating func discard() {
        failures[.unbound] += UInt64(count)
        waiting.removeAll()
        head = 0
        isBlocked = false
    }

    private mutating func forgetSent() {
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: waiting.capacity <= 4 * Outbox.batch)
        } else {
            waiting.removeFirst(head)
        }
        head = 0
    }
}

/// What was in the way of a datagram that was not sent; the names are those of `status` and `/metrics`.
enum UnsentReason: String, CaseIterable, Sendable {
    /// No route, no link, no such host; or our own address is not this machine's any more.
    case unreachable = "udp_send_unreachable"
    /// A firewall of this machine, or an address that only some may send to.
    case forbidden = "udp_send_forbidden"
    case noRoom = "udp_send_no_room"
    /// The socket was lost and is not bound again yet.
    case unbound = "udp_send_unbound"
    case other = "udp_send_failed"

    init(_ code: CInt) {
        switch code {
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL, EINVAL, EAFNOSUPPORT, ENODEV:
            self = .unreachable
        case EPERM, EACCES: self = .forbidden
        case ENOBUFS, ENOMEM: self = .noRoom
        default: self = .other
        }
    }
}
