import CZeroMQ

extension Socket {
    /// Sends one message, all of it or nothing, without ever blocking.
    ///
    /// - Parameter frames: one or more. To a router the first is the routing id of the peer, and there is a second.
    /// - Returns: `wouldBlock` too when the socket is closed.
    @discardableResult
    package func send(_ frames: [[UInt8]]) -> SendResult {
        guard let handle = try? openHandle() else { return .wouldBlock }
        precondition(!frames.isEmpty && (kind != .router || frames.count > 1), "a message without content")
        let result = transmit(frames, handle)
        switch result {
        case .sent: counters.sent += 1
        case .wouldBlock: counters.wouldBlock += 1
        case .unreachable: counters.unreachable += 1
        }
        return result
    }

    private func transmit(_ frames: [[UInt8]], _ handle: UnsafeMutableRawPointer) -> SendResult {
        let last = frames.count - 1
        for index in 0...last {
            let flags = ZMQ_DONTWAIT | (index < last ? ZMQ_SNDMORE : 0)
            guard let number = Self.transmit(frames[index], flags, handle) else { continue }
            // The first frame decides whether there is room. A failure after it means that the peer went away in
            // between: libzmq takes back what it has and wants to see the rest of the message, to drop it.
            if index > 0, index < last {
                for rest in index + 1...last {
                    _ = Self.transmit(frames[rest], ZMQ_DONTWAIT | (rest < last ? ZMQ_SNDMORE : 0), handle)
                }
            }
            return number == EHOSTUNREACH ? .unreachable : .wouldBlock
        }
        return .sent
    }

    /// nil when libzmq took the frame, else its error.
    private static func transmit(_ frame: [UInt8], _ flags: Int32, _ handle: UnsafeMutableRawPointer) -> Int32? {
        while zmq_send(handle, frame, frame.count, flags) < 0 {
            let number = zmq_errno()
            if number != EINTR { return number }
        }
        return nil
    }
}
