import Glibc

/// An IPv4 address and a port, in host order.
struct Address: Hashable, Sendable, CustomStringConvertible {
    var host: UInt32
    var port: UInt16

    init(host: UInt32, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// - Parameter text: `1.2.3.4`.
    init?(_ text: String, port: UInt16 = 42_424) {
        let parts = text.split(separator: ".").compactMap { UInt8($0) }
        guard parts.count == 4 else { return nil }
        self.init(host: parts.reduce(0) { $0 << 8 | UInt32($1) }, port: port)
    }

    var hostText: String { [24, 16, 8, 0].map { String(host >> UInt32($0) & 0xff) }.joined(separator: ".") }
    var description: String { "\(hostText):\(port)" }
}

/// An IPv4 packet with a UDP datagram in it, as it is on the wire.
struct Packet {
    private static let (ipHeader, udpHeader) = (20, 8)
    private static let udp: UInt8 = 17

    let source: Address
    let target: Address
    let payload: UnsafeRawBufferPointer

    /// Nil for everything else, fragments included.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.ipHeader + Self.udpHeader, bytes[0] >> 4 == 4, bytes[9] == Self.udp,
            bytes[6] & 0x3f == 0, bytes[7] == 0
        else { return nil }
        let header = Int(bytes[0] & 15) * 4
        guard header >= Self.ipHeader, bytes.count >= header + Self.udpHeader else { return nil }
        func number<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Number {
            Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
        source = Address(host: number(12, UInt32.self), port: number(header, UInt16.self))
        target = Address(host: number(16, UInt32.self), port: number(header + 2, UInt16.self))
        payload = UnsafeRawBufferPointer(rebasing: bytes[(header + Self.udpHeader)...])
    }

    /// Whether the telex in it carries a line, which shows that its sender has heard the receiver's ring or answers it.
    var carriesLine: Bool {
        let mark: StaticString = "_line\":"
        guard let base = payload.baseAddress, payload.count > mark.utf8CodeUnitCount else { return false }
        let end = base + (payload.count - mark.utf8CodeUnitCount)
        var next = base
        while next < end, let found = memchr(next, Int32(mark.utf8Start.pointee), end - next) {
            if memcmp(found, mark.utf8Start, mark.utf8CodeUnitCount) == 0 { return true }
            next = UnsafeRawPointer(found) + 1
        }
        return false
    }

    /// Where a packet is going, whatever it carries.
    static func target(of bytes: UnsafeRawBufferPointer) -> UInt32? {
        guard bytes.count >= ipHeader, bytes[0] >> 4 == 4 else { return nil }
        return UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    /// Writes a packet that claims to come from `source`. UDP's checksum is left out, as IPv4 allows.
    static func forge(_ payload: [UInt8], from source: Address, to target: Address) -> [UInt8] {
        var packet: [UInt8] = []
        packet.reserveCapacity(ipHeader + udpHeader + payload.count)
        func add(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.bigEndian) { packet += $0 } }
        add(UInt16(0x4500))
        add(UInt16(ipHeader + udpHeader + payload.count))
        add(UInt32(0))
        add(UInt16(64 << 8 | UInt16(udp)))
        add(UInt16(0))
        add(source.host)
        add(target.host)
        let sum = stride(from: 0, to: ipHeader, by: 2).reduce(UInt32(0)) {
            $0 + (UInt32(packet[$1]) << 8 | UInt32(packet[$1 + 1]))
        }
        let folded = (sum & 0xffff) + sum >> 16
        withUnsafeBytes(of: (~UInt16(truncatingIfNeeded: folded + folded >> 16)).bigEndian) {
            packet.replaceSubrange(10..<12, with: $0)
        }
        add(source.port)
        add(target.port)
        add(UInt16(udpHeader + payload.count))
        add(UInt16(0))
        return packet + payload
    }
}
