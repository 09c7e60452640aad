/// Addresses: what may be bound and connected to.
///
/// `ipc://` with an absolute path is what the processes of one machine use. `inproc://` joins sockets of one loop.
/// `tcp://` carries everything over networks that others can read and write, so only sockets with ``Curve`` keys take it.
package enum IPC {
    /// Checks an endpoint without touching the system.
    ///
    /// - Parameter curve: whether the socket will have CURVE keys.
    /// - Throws: `pathTooLong` (names the path, its length and the limit), `endpointMalformed`, `transportRefused`.
    package static func validate(_ endpoint: String, curve: Bool = false) throws(ZeroMQError) {
        try Address(endpoint).check(hasCurve: curve)
    }

    /// The path of an `ipc://` endpoint, nil for any other or a malformed one.
    package static func path(of endpoint: String) -> String? {
        guard case .ipc(let path)? = try? Address(endpoint) else { return nil }
        return path
    }
}

/// An endpoint that passed the checks.
enum Address: Equatable {
    case ipc(path: String)
    case inproc(name: String)
    /// IPv6 addresses have brackets. Port 0 is any free one.
    case tcp(host: String, port: UInt16)

    init(_ endpoint: String) throws(ZeroMQError) {
        guard let mark = endpoint.firstRange(of: "://") else {
            throw ZeroMQError(.endpointMalformed, "\"\(endpoint)\" is no endpoint; write ipc:///path/of/the/socket")
        }
        let rest = String(endpoint[mark.upperBound...])
        switch endpoint[..<mark.lowerBound] {
        case "ipc":
            try Address.check(path: rest)
            self = .ipc(path: rest)
        case "inproc":
            guard !rest.isEmpty, rest.utf8.count <= 255, !rest.utf8.contains(0) else {
                throw ZeroMQError(.endpointMalformed, "\"\(endpoint)\": an inproc name has 1 to 255 bytes")
            }
            self = .inproc(name: rest)
        case "tcp":
            guard let (host, port) = Address.hostAndPort(rest) else {
                throw ZeroMQError(
                    .endpointMalformed,
                    "\"\(endpoint)\": a tcp endpoint has a host and a port, as in tcp://192.0.2.1:42425")
            }
            self = .tcp(host: host, port: port)
        case let scheme:
            throw ZeroMQError(
                .transportRefused, "\(endpoint): the transport \"\(scheme)\" is not supported; use ipc:// or tcp://")
        }
    }

    func check(hasCurve: Bool) throws(ZeroMQError) {
        guard case .tcp(let host, let port) = self, !hasCurve else { return }
        throw ZeroMQError(
            .transportRefused,
            "tcp://\(host):\(port): tcp:// needs CURVE keys on both sides, else everybody on the way could read and "
                + "write; without them use ipc://")
    }

    /// `name:port`, `192.0.2.1:port`, `[2001:db8::1]:port`; the port may be `*`.
    private static func hostAndPort(_ text: String) -> (host: String, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let (host, digits) = (text[..<colon], text[text.index(after: colon)...])
        let port = digits == "*" ? 0 : digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16(digits) : nil
        guard let port, digits == "*" || port > 0, (1...253).contains(host.utf8.count) else { return nil }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let inner = isBracketed ? host.dropFirst().dropLast() : host
        let isPlain = inner.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            case UInt8(ascii: ":"), UInt8(ascii: "%"): isBracketed
            default: false
            }
        }
        return isPlain && !inner.isEmpty ? (String(host), port) : nil
    }

    private static func check(path: String) throws(ZeroMQError) {
        // `@` (Linux's abstract names) has no permissions at all, `*` means "any name", a relative path means another
        // socket to every process.
        guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw ZeroMQError(
                .endpointMalformed,
                "\"ipc://\(path)\": an ipc endpoint has an absolute path, as in ipc:///run/router.ipc")
        }
        let length = path.utf8.count
        guard length <= ZeroMQLimits.ipcPathBytes else {
            throw ZeroMQError(
                .pathTooLong,
                "the socket path \(path) has \(length) bytes; the system's limit is \(ZeroMQLimits.ipcPathBytes)")
        }
    }
}
