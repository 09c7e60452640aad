import CZeroMQ

extension Socket {
    /// Sub: receive messages whose first frame begins with these bytes. All, when empty.
    package func subscribe(to prefix: [UInt8] = []) throws(ZeroMQError) {
        try set(ZMQ_SUBSCRIBE, prefix, "the subscription")
    }

    /// Sub: takes back one `subscribe` of the same bytes.
    package func unsubscribe(from prefix: [UInt8]) throws(ZeroMQError) {
        try set(ZMQ_UNSUBSCRIBE, prefix, "the subscription")
    }

    /// Whether a message could be sent now. For a dealer or push with `immediate`: somebody is connected, and the queue
    /// has room.
    package var isWritable: Bool {
        guard let handle = try? openHandle() else { return false }
        var events: Int32 = 0
        var size = MemoryLayout.size(ofValue: events)
        return zmq_getsockopt(handle, ZMQ_EVENTS, &events, &size) == 0 && events & ZMQ_POLLOUT != 0
    }

    func set<Value: FixedWidthInteger>(_ option: Int32, _ value: Value, _ name: String) throws(ZeroMQError) {
        let handle = try openHandle()
        var value = value
        guard zmq_setsockopt(handle, option, &value, MemoryLayout<Value>.size) == 0 else {
            throw .last("can't set \(name) of a \(kind) socket to \(value)")
        }
    }

    func set(_ option: Int32, _ value: [UInt8], _ name: String) throws(ZeroMQError) {
        let handle = try openHandle()
        guard zmq_setsockopt(handle, option, value, value.count) == 0 else {
            throw .last("can't set \(name) of a \(kind) socket")
        }
    }
}
