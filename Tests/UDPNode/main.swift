import Glibc
import Telehash
import TelehashWire

// A node on a UDP socket: prints what is said at the end "hello", and says there what it reads, line by line.
//
//     UDPNode PORT [SEED]      UDPNode 42424      UDPNode 42425 127.0.0.1:42424

/// The caller's side of a switch: a socket, a clock, random numbers, and one place that performs effects.
struct Node {
    static let end = NodeID(sha1Of: "hello")

    private let socket: Int32
    private var node: Switch
    private var random = SystemRandomNumberGenerator()
    private var effects: [Effect] = []
    private var said: UInt64 = 0

    /// `nil` where the port is taken.
    init?(port: UInt16, seeds: [Endpoint]) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
        }
        guard bound == 0, let own = Endpoint(ipv4: 0x7f00_0001, port: port) else { return nil }
        self.socket = socket
        node = Switch(Switch.Configuration(seeds: seeds, bound: own), now: Node.now, using: &random)
    }

    /// Monotonic time: any start will do.
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    mutating func run() {
        node.start(now: Node.now, using: &random, into: &effects)
        node.tap([Node.end], now: Node.now, using: &random, into: &effects)
        perform()
        print("listening")
        fflush(nil)
        var polled = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0), pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let wait = Node.now.duration(to: node.nextDeadline) / .milliseconds(1)
            guard poll(&polled, 2, Int32(max(0, min(wait.rounded(.up), 60_000)))) >= 0 else { return }
            if polled[0].revents != 0 { receive() }
            if polled[1].revents != 0 {
                if let line = readLine() { say(line) } else { polled[1].fd = -1 }
            }
            if node.nextDeadline <= Node.now { node.tick(now: Node.now, using: &random, into: &effects) }
            perform()
        }
    }

    private mutating func receive() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &size)
            }
        }
        let bits = UInt32(bigEndian: address.sin_addr.s_addr)
        guard count >= 0, let sender = Endpoint(ipv4: bits, port: UInt16(bigEndian: address.sin_port)) else { return }
        node.receive(Array(buffer[..<count]), from: sender, now: Node.now, using: &random, into: &effects)
    }

    /// Listeners want a `+key`: here it only tells two processes that say the same apart.
    private mutating func say(_ text: String) {
        said += 1
        let signals = Signals(["+end": Node.end.hex, "+key": "\(getpid())", "+message": text])
        let id = PublicationID(value: said)
        node.publish(signals, end: Node.end, as: id, now: Node.now, using: &random, into: &effects)
    }

    /// Effects are performed in their order, right after the event.
    private mutating func perform() {
        for effect in effects {
            switch effect {
            case .send(let datagram, let receiver): send(datagram, to: receiver)
            case .deliver(let delivery): print(delivery.signals["+message"] ?? "")
            case .progress(let progress) where progress.finished: print("taken by \(progress.taken)")
            case .progress, .found: break
            }
        }
        fflush(nil)
        effects.removeAll(keepingCapacity: true)
    }

    private func send(_ datagram: [UInt8], to receiver: Endpoint) {
        guard case .v4(let bits) = receiver.address else { return }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = receiver.port.bigEndian
        address.sin_addr.s_addr = bits.bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(socket, datagram, datagram.count, 0, $0, size)
            }
        }
    }
}

let arguments = CommandLine.arguments.dropFirst()
guard let port = arguments.first.flatMap(UInt16.init),
    var node = Node(port: port, seeds: arguments.dropFirst().compactMap { Endpoint($0) })
else {
    print("usage: UDPNode PORT [SEED], where PORT is free and SEED is ADDRESS:PORT of another node")
    exit(2)
}
node.run()
