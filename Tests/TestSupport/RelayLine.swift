import Foundation

/// One end of a proven line with the switch, played by the rules of Telehash v1: rings exchanged, bytes counted.
public final class RelayLine {
    public let socket: RelaySocket
    public let line: Int
    /// Bytes that the switch has sent us on this line.
    public private(set) var received = 0
    /// Bytes that we have sent on this line.
    public var sent = 0
    /// What the switch said last that it has of ours.
    public private(set) var acknowledged = 0

    /// Rings the switch, learns its ring and proves the line.
    ///
    /// - Parameters:
    ///   - host: its address, of 127.0.0.0/8.
    ///   - source: the one that it sees.
    /// - Throws: ``NotInTime`` when the switch does not answer within `patience`.
    public init(
        to port: UInt16, at host: String = "127.0.0.1", ring: Int, from source: String = "127.0.0.1",
        patience: Duration = .seconds(10)
    ) throws {
        socket = try RelaySocket(to: port, at: host, from: source)
        let greeting = #"{"_to":"\#(host):\#(port)","_ring":\#(ring),"_br":0,"+end":"\#(Self.someEnd)"}"#
        var found: Int?
        var bytes = 0
        var counted = 0
        let deadline = ContinuousClock.now + patience
        while found == nil, ContinuousClock.now < deadline {
            try socket.send(greeting)
            sent += greeting.utf8.count
            _ = try socket.receive(waiting: 200) { telex in
                bytes += telex.count
                counted = Self.number(after: "\"_br\":", in: telex) ?? counted
                let theirs = Self.number(after: "\"_ring\":", in: telex).map { $0 * ring }
                found = Self.number(after: "\"_line\":", in: telex) ?? theirs ?? found
            }
        }
        guard let found else { throw NotInTime("the switch does not answer a ring") }
        line = found
        received = bytes
        acknowledged = counted
        try say("")
    }

    /// Sends a telex with the line and the count of bytes; `fields` begin with a comma.
    public func say(_ fields: String, claiming extra: Int = 0) throws {
        let telex = #"{"_line":\#(line),"_br":\#(received + extra)\#(fields)}"#
        try socket.send(telex)
        sent += telex.utf8.count
    }

    /// Takes what has arrived; returns how many of them carried signals.
    public func receive(waiting patience: Int32) throws -> Int {
        var bytes = 0
        var signals = 0
        var newest = acknowledged
        _ = try socket.receive(waiting: patience) { telex in
            bytes += telex.count
            if let count = Self.number(after: "\"_br\":", in: telex) { newest = max(newest, count) }
            if Self.find("\"+message\"", in: telex) != nil { signals += 1 }
        }
        received += bytes
        acknowledged = newest
        return signals
    }

    /// Any end; asked so that the switch has something to answer.
    private static let someEnd = String(repeating: "5", count: 40)

    static func find(_ text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        let wanted = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes.count >= wanted.count else { return nil }
        return (0...bytes.count - wanted.count).first { start in
            bytes[start] == wanted[0] && bytes[start + 1] == wanted[1]
                && bytes[start..<start + wanted.count].elementsEqual(wanted)
        }
    }

    static func number(after name: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = find(name, in: bytes) else { return nil }
        var value = 0
        var digits = 0
        for byte in bytes[(start + name.utf8CodeUnitCount)...] {
            guard case 0x30...0x39 = byte, digits < 15 else { break }
            value = value * 10 + Int(byte - 0x30)
            digits += 1
        }
        return digits > 0 ? value : nil
    }
}
