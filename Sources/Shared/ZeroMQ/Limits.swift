/// Every bound of this module, with its unit and its reason.
package enum ZeroMQLimits {
    /// Bytes of the path in an `ipc://` endpoint. `sun_path` of `sockaddr_un` has 108 bytes and the last is a zero.
    package static let ipcPathBytes = 107

    /// Bytes of one frame that a peer may send (`ZMQ_MAXMSGSIZE`); libzmq closes the connection of a peer that
    /// sends more. A bus message carries at most one telex (1,400 bytes) and a few short frames; 64 kB leaves room
    /// for directories and status reports.
    package static let frameBytes = 64 * 1024

    /// Frames of one message. The bus uses fewer than ten; a longer message is dropped and counted.
    package static let framesPerMessage = 32

    /// Messages that wait in libzmq towards one peer, and from one peer (`ZMQ_SNDHWM`, `ZMQ_RCVHWM`).
    package static let highWater = 1_000

    /// Messages that one socket may hand over in one turn of the loop, so that a busy one doesn't starve the others.
    package static let messagesPerTurn = 256

    /// Jobs of the mailbox that run in one turn of the loop, for the same reason.
    package static let jobsPerTurn = 1_024

    /// Timers that fire in one turn of the loop, for the same reason.
    package static let timersPerTurn = 1_024

    /// Sockets of one loop (`ZMQ_MAX_SOCKETS`): four for each of the 256 receivers that a client uses, and slack. It
    /// costs a pointer for each; libzmq's own default is 1,023.
    static let sockets: Int32 = 4_096

    /// Connections that the system keeps until libzmq takes them (`ZMQ_BACKLOG`), over tcp; Linux caps it at 4,096 by
    /// default. Whoever finds it full tries again after a second, and libzmq's default of 100 is full after a few
    /// milliseconds of a flood.
    static let backlog: Int32 = 4_096

    /// A connection that hasn't introduced itself by then is closed.
    static let handshakeTimeout = Duration.seconds(2)

    /// Between two pings, and the silence after one that ends the connection.
    static let heartbeat = Duration.seconds(1)
    static let heartbeatTimeout = Duration.seconds(3)

    /// Pause before another attempt to connect (libzmq adds up to the same again at random). Over ipc, where an attempt
    /// costs microseconds, it stays so short.
    static let reconnect = Duration.milliseconds(100)

    /// How long an attempt to connect over tcp may take; the system's own limit is minutes.
    static let connectTimeout = Duration.seconds(3)

    /// The longest pause between two attempts to connect over tcp, where an attempt costs both sides something.
    static let tcpReconnectMaximum = Duration.seconds(2)

    /// Descriptors that a loop needs to begin: those of libzmq's two threads and of the first socket, and slack.
    static let firstDescriptors = 16

    /// Descriptors that connections from outside don't get: a quarter of the process's limit, and at most this many. At
    /// the rate at which libzmq accepts (about 20,000 a second) it leaves a loop tens of milliseconds to react.
    static let descriptorReserve = 4_096

    /// Between two looks whether a socket that had to stop listening may begin again.
    static let listenPause = Duration.milliseconds(100)

    /// Between two looks whether the files of `ipc://` endpoints are still there, and between two attempts to get one back.
    static let filePause = Duration.seconds(1)

    /// Between two attempts to bind an address that is about to become free.
    static let bindPause = Duration.milliseconds(5)

    /// How long undelivered messages may hold up the closing of a socket.
    package static let linger = Duration.milliseconds(200)
}
