import CZeroMQ

/// What this module can't do, with a sentence for people.
package struct ZeroMQError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// The path of an `ipc://` endpoint is longer than ``ZeroMQLimits/ipcPathBytes``.
        case pathTooLong = "path_too_long"
        /// The endpoint isn't one that libzmq can read, or names a path that this module refuses.
        case endpointMalformed = "endpoint_malformed"
        /// The transport would carry messages in the open.
        case transportRefused = "transport_refused"
        /// The text is no CURVE key.
        case keyMalformed = "key_malformed"
        /// libzmq was built without CURVE.
        case curveUnavailable = "curve_unavailable"
        /// Others may write in the directory of the socket, or it isn't one, or it can't be made.
        case directoryUnsafe = "directory_unsafe"
        /// Another process, or another loop of this one, is bound there.
        case addressInUse = "address_in_use"
        /// The loop was shut down.
        case loopClosed = "loop_closed"
        /// The socket was closed.
        case socketClosed = "socket_closed"
        /// A call of libzmq or of the system failed.
        case system
    }

    package let code: Code
    package let message: String

    package var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The error that libzmq left behind on this thread.
    static func last(_ subject: String) -> ZeroMQError {
        let number = zmq_errno()
        return ZeroMQError(number == EADDRINUSE ? .addressInUse : .system, "\(subject): \(text(of: number))")
    }

    /// The error that a call of the C library left behind on this thread.
    static func system(_ subject: String, errno number: Int32, as code: Code = .system) -> ZeroMQError {
        ZeroMQError(code, "\(subject): \(text(of: number))")
    }

    static let loopClosed = ZeroMQError(.loopClosed, "the loop was shut down")

    private static func text(of number: Int32) -> String {
        zmq_strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
