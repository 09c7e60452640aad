import MeshSimulator
import Synchronization
import Telehash
import TelehashWire

/// The last datagrams that one node sent and got, in words: for the report of a failure.
package final class EventLog: Sendable {
    private let lines = Mutex<[String]>([])

    /// Follows a node from now on.
    package init(of node: Int, in mesh: inout Mesh, capacity: Int = 60) {
        mesh.observers.append { [self] mesh, sight in
            guard sight.node == node else { return }
            let readable = sight.datagram.map { (32..<127).contains($0) ? $0 : 46 }
            let line =
                "\(mesh.now.seconds) s  \(sight.isSent ? "to" : "from") \(sight.other): "
                + String(decoding: readable, as: UTF8.self)
            lines.withLock { lines in
                if lines.count == capacity { lines.removeFirst() }
                lines.append(line)
            }
        }
    }

    /// Oldest first.
    package var text: [String] { lines.withLock { $0 } }
}

extension Mesh {
    /// The deliveries of one set of signals.
    package func deliveries(of signals: Signals) -> [MeshDelivery] {
        deliveries.filter { $0.delivery.signals == signals }
    }

    /// From now on every telex that a switch sends is decoded and measured: it must be one that every switch would read,
    /// and fit into one packet. Costs about a third of the run's time.
    package mutating func inspectTelexes() {
        observers.append { mesh, sight in
            if sight.isSent { mesh.inspect(sight.datagram, of: sight.node) }
        }
    }

    private mutating func inspect(_ datagram: [UInt8], of number: Int) {
        if datagram.count > WireLimits.relayedBytes {
            report("a datagram too long", "\(datagram.count) bytes", at: number)
        }
        if let hop = HopField.value(in: datagram), hop > WireLimits.largestHop {
            report("a relay beyond hop 4", "hop \(hop)", at: number)
        }
        do throws(TelexError) {
            _ = try Telex.decode(datagram)
        } catch {
            report("no telex", error.rawValue, at: number)
        }
    }
}

/// The `_hop` of a datagram as it is written, which the decoder would read as 4 whenever it is more.
private enum HopField {
    private static let key = Array("\"_hop\":".utf8)

    static func value(in datagram: [UInt8]) -> Int? {
        guard let start = datagram.firstRange(of: key)?.upperBound else { return nil }
        return Int(String(decoding: datagram[start...].prefix { (48...57).contains($0) }, as: UTF8.self))
    }
}
