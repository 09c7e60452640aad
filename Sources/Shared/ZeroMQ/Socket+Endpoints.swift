import CZeroMQ
import Glibc

/// One bound endpoint.
struct Binding {
    let endpoint: String
    /// nil for `inproc://`.
    let path: String?
    let file: FileIdentity?
}

extension Socket {
    /// Binds. For `ipc://`, the directory is made (0700) when it is missing, and only this user can connect.
    ///
    /// - Throws: what `IPC.validate` throws; `directoryUnsafe`, when others can write in the directory; `addressInUse`,
    ///   when another process or loop is bound there, while the file that a dead one left behind is no obstacle.
    public func bind(_ endpoint: String) throws(ZeroMQError) {
        let handle = try openHandle()
        switch try Address(endpoint) {
        case .inproc:
            guard zmq_bind(handle, endpoint) == 0 else { throw .last("can't bind \(endpoint)") }
            bindings.append(Binding(endpoint: endpoint, path: nil, file: nil))
        case .ipc(let path):
            guard context.lockedPaths[path] == nil else {
                throw ZeroMQError(.addressInUse, "this process is bound to \(endpoint) already")
            }
            let lock = try PathLock(path: path)
            guard zmq_bind(handle, endpoint) == 0 else { throw .last("can't bind \(endpoint)") }
            // The directory keeps strangers out; this does too, where the directory is world-readable.
            chmod(path, 0o600)
            context.lockedPaths[path] = lock
            bindings.append(Binding(endpoint: endpoint, path: path, file: FileIdentity(at: path)))
        }
    }

    /// Connects, now or as soon as somebody is bound there, and again after every loss.
    ///
    /// - Throws: what `IPC.validate` throws. That nobody is there is no error.
    public func connect(_ endpoint: String) throws(ZeroMQError) {
        let handle = try openHandle()
        _ = try Address(endpoint)
        guard zmq_connect(handle, endpoint) == 0 else { throw .last("can't connect to \(endpoint)") }
    }

    /// Stops listening; connections that exist stay.
    public func unbind(_ endpoint: String) throws(ZeroMQError) {
        _ = try openHandle()
        guard let index = bindings.firstIndex(where: { $0.endpoint == endpoint }) else {
            throw ZeroMQError(.endpointMalformed, "the socket is not bound to \(endpoint)")
        }
        release(bindings.remove(at: index))
    }

    /// Ends the connection and drops what waits for it.
    public func disconnect(_ endpoint: String) throws(ZeroMQError) {
        let handle = try openHandle()
        guard zmq_disconnect(handle, endpoint) == 0 else { throw .last("can't disconnect from \(endpoint)") }
    }

    /// The endpoint bound or connected last, as libzmq spells it; nil before the first.
    public var lastEndpoint: String? {
        guard let handle = try? openHandle() else { return nil }
        var buffer = [UInt8](repeating: 0, count: 512)
        var size = buffer.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &buffer, &size) == 0, size > 1 else { return nil }
        return String(decoding: buffer.prefix(size - 1), as: UTF8.self)
    }

    /// libzmq (since 4.3) leaves the file behind. It is removed while the path is still locked, so that it can't be the
    /// file of the next owner.
    func release(_ binding: Binding) {
        guard let handle else { return }
        zmq_unbind(handle, binding.endpoint)
        guard let path = binding.path else { return }
        if let file = binding.file, FileIdentity(at: path) == file { unlink(path) }
        context.lockedPaths[path] = nil
    }
}
