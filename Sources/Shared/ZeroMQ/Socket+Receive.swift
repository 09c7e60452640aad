import CZeroMQ

extension Socket {
    private enum Received {
        case message([[UInt8]])
        case dropped
        case nothing
    }

    /// Hands over what waits, at most ``ZeroMQLimits/messagesPerTurn`` messages.
    func receiveBurst() {
        let before = counters.received
        readBurst()
        if counters.received != before { onBurstEnd?() }
    }

    private func readBurst() {
        for _ in 0..<ZeroMQLimits.messagesPerTurn {
            // The callback may close the socket or take itself away.
            guard let handle, let onReceive else { return }
            switch receive(handle) {
            case .nothing: return
            case .dropped: continue
            case .message(let frames):
                counters.received += 1
                do { try onReceive(frames) } catch { context.onError(error) }
                sender = nil
            }
        }
    }

    private func receive(_ handle: UnsafeMutableRawPointer) -> Received {
        let scratch = context.scratch
        guard Self.receiveFrame(scratch, handle) else { return .nothing }
        var frames: [[UInt8]] = []
        frames.reserveCapacity(4)
        var count = 1
        frames.append(Self.bytes(of: scratch))
        while zmq_msg_more(scratch) != 0 {
            // libzmq has a message whole before it gives its first frame; only the end of the socket could interfere.
            guard Self.receiveFrame(scratch, handle) else { return .dropped }
            count += 1
            if count <= options.maxFrames { frames.append(Self.bytes(of: scratch)) } else { frames = [] }
        }
        // Not every frame has it: the one with the routing id is made here.
        if case .server? = options.curve {
            sender = Self.user(of: scratch)
        } else if let identifyPeer {
            sender = Self.peer(of: scratch).flatMap(identifyPeer)
        }
        // A large frame shouldn't stay in memory until the next one comes.
        if zmq_msg_size(scratch) > ZeroMQLimits.frameBytes {
            zmq_msg_close(scratch)
            zmq_msg_init(scratch)
        }
        guard count <= options.maxFrames else {
            counters.tooManyFrames += 1
            return .dropped
        }
        return .message(frames)
    }

    private static func receiveFrame(_ message: UnsafeMutablePointer<zmq_msg_t>, _ handle: UnsafeMutableRawPointer)
        -> Bool
    {
        while zmq_msg_recv(message, handle, ZMQ_DONTWAIT) < 0 {
            if zmq_errno() != EINTR { return false }
        }
        return true
    }

    /// What the gate said about the sender when it connected.
    private static func user(of message: UnsafeMutablePointer<zmq_msg_t>) -> CurveUser? {
        zmq_msg_gets(message, "User-Id").flatMap { CurveUser(userID: String(cString: $0)) }
    }

    /// The number of the user whose process is at the other end of an `ipc://` connection. libzmq asks the system
    /// (`SO_PEERCRED`) and has it behind the peer's name, `NAME:USER:GROUP:PROCESS`; a peer cannot put its own in that place.
    private static func peer(of message: UnsafeMutablePointer<zmq_msg_t>) -> UInt32? {
        guard let address = zmq_msg_gets(message, "Peer-Address") else { return nil }
        let parts = String(cString: address).split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 4 ? UInt32(parts[1]) : nil
    }

    private static func bytes(of message: UnsafeMutablePointer<zmq_msg_t>) -> [UInt8] {
        let count = zmq_msg_size(message)
        guard count > 0, let data = zmq_msg_data(message) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: data, count: count))
    }
}
