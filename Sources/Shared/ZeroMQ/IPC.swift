/// Addresses: what may be bound and connected to.
///
/// `ipc://` with an absolute path is what the processes of a node use. `inproc://` joins sockets of one loop.
/// `tcp://` would carry everything in the open, so it is refused until both ends can have CURVE keys.
public enum IPC {
    /// Bytes of the path in an `ipc://` endpoint.
    public static let maxPathBytes = ZeroMQLimits.ipcPathBytes

    /// Checks an endpoint without touching the system.
    ///
    /// - Throws: `pathTooLong` (names the path, its length and the limit), `endpointMalformed`, `transportRefused`.
    public static func validate(_ endpoint: String) throws(ZeroMQError) {
        _ = try Address(endpoint)
    }

    /// The path of an `ipc://` endpoint, nil for any other or a malformed one.
    public static func path(of endpoint: String) -> String? {
        guard case .ipc(let path)? = try? Address(endpoint) else { return nil }
        return path
    }
}

/// An endpoint that passed the checks.
enum Address: Equatable {
    case ipc(path: String)
    case inproc(name: String)

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
            throw ZeroMQError(
                .transportRefused,
                "\(endpoint): tcp:// needs CURVE keys, which this version doesn't have yet; use ipc://")
        case let scheme:
            throw ZeroMQError(
                .transportRefused, "\(endpoint): the transport \"\(scheme)\" is not supported; use ipc://")
        }
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
