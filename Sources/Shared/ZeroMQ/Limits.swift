/// Every bound of this module, with its unit and its reason.
public enum ZeroMQLimits {
    /// Bytes of the path in an `ipc://` endpoint. `sun_path` of `sockaddr_un` has 108 bytes and the last is a zero.
    public static let ipcPathBytes = 107

    /// Bytes of one frame that a peer may send (`ZMQ_MAXMSGSIZE`); libzmq closes the connection of a peer that
    /// sends more. A bus message carries at most one telex (1,400 bytes) and a few short frames; 64 kB leaves room
    /// for directories and status reports.
    public static let frameBytes = 64 * 1024

    /// Frames of one message. The bus uses fewer than ten; a longer message is dropped and counted.
    public static let framesPerMessage = 32

    /// Messages that wait in libzmq towards one peer, and from one peer (`ZMQ_SNDHWM`, `ZMQ_RCVHWM`).
    public static let highWater = 1_000

    /// Messages that one socket may hand over in one turn of the loop, so that a busy one doesn't starve the others.
    public static let messagesPerTurn = 256

    /// Jobs of the mailbox that run in one turn of the loop, for the same reason.
    public static let jobsPerTurn = 1_024

    /// Timers that fire in one turn of the loop, for the same reason.
    public static let timersPerTurn = 1_024

    /// How long undelivered messages may hold up the closing of a socket.
    public static let linger = Duration.milliseconds(200)
}
