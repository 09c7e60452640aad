import Telehash
import TelehashWire

extension Endpoint {
    /// What the receivers count a peer by: a public IPv4 address or IPv6 network (/64) without its port, because whoever
    /// has it has all of its ports; near addresses with the port, because many nodes share them.
    var sourceName: String {
        guard isPublic else { return description }
        switch address {
        case .v4(let bits):
            return [24, 16, 8, 0].map { String(bits >> UInt32($0) & 0xff) }.joined(separator: ".")
        case .v6(let high, _):
            return [48, 32, 16, 0].map { String(high >> UInt64($0) & 0xffff, radix: 16) }.joined(separator: ":")
                + "::/64"
        }
    }
}
