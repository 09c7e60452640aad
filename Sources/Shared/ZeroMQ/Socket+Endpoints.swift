import CZeroMQ
import Glibc

/// One endpoint that the socket is bound to, or will be again.
struct Binding {
    /// As libzmq spells it.
    let endpoint: String
    /// nil for anything but `ipc://`.
    let path: String?
    var file: FileIdentity?
    var isBound = true
}

extension Socket {
    /// Binds. For `ipc://`, the directory is made (0700) when it is missing, and only this user, or also those of the
    /// options' group, can connect. `tcp://`
    /// needs a literal address and the keys of a CURVE server; the port `*` is any free one, which ``lastEndpoint``
    /// tells. When somebody deletes the file of an `ipc://` endpoint, or its directory, it is bound there anew within
    /// seconds; the connections that exist stay.
    ///
    /// - Throws: what `IPC.validate` throws; `directoryUnsafe`, when others can write in the directory; `addressInUse`,
    ///   when another process or loop is bound there, while the file that a dead one left behind is no obstacle.
    package func bind(_ endpoint: String) throws(ZeroMQError) {
        let handle = try openHandle()
        let address = try Address(endpoint)
        try address.check(hasCurve: options.curve != nil)
        if case .server? = options.curve { try context.openGate() }
        switch address {
        case .inproc:
            guard zmq_bind(handle, endpoint) == 0 else { throw .last("can't bind \(endpoint)") }
            bindings.append(Binding(endpoint: endpoint, path: nil))
        case .ipc(let path):
            guard context.lockedPaths[path] == nil else {
                throw ZeroMQError(.addressInUse, "this process is bound to \(endpoint) already")
            }
            let lock = try PathLock(path: path)
            try startMonitor()
            guard zmq_bind(handle, endpoint) == 0 else { throw .last("can't bind \(endpoint)") }
            context.lockedPaths[path] = lock
            try closeToStrangers(path)
            bindings.append(Binding(endpoint: endpoint, path: path, file: FileIdentity(at: path)))
            watchFiles()
        case .tcp(let host, _):
            try bindTCP(endpoint, host: host, handle)
        }
        lastEndpoint = bindings.last?.endpoint
    }

    /// The directory keeps strangers out; this does too, where the directory is world-readable.
    func closeToStrangers(_ path: String) throws(ZeroMQError) {
        guard let group = options.ipcGroup else {
            chmod(path, 0o600)
            return
        }
        guard chown(path, uid_t.max, group) == 0, chmod(path, 0o660) == 0 else {
            throw .system("can't open the socket \(path) to its group", errno: errno)
        }
    }

    private func bindTCP(
        _ endpoint: String, host: String, _ handle: UnsafeMutableRawPointer
    ) throws(ZeroMQError) {
        guard case .server? = options.curve else {
            throw ZeroMQError(.transportRefused, "\(endpoint): a socket that binds needs the keys of a CURVE server")
        }
        try allowIPv6(host)
        try startMonitor()
        guard zmq_bind(handle, endpoint) == 0 else { throw .last("can't bind \(endpoint)") }
        // The port that the system chose is kept when the socket listens anew.
        bindings.append(Binding(endpoint: told(by: handle) ?? endpoint, path: nil))
    }

    /// Connects, now or as soon as somebody is bound there, and again after every loss. (A peer that refuses our key is
    /// not tried again: `observeConnections` tells.)
    ///
    /// - Throws: what `IPC.validate` throws. That nobody is there is no error.
    package func connect(_ endpoint: String) throws(ZeroMQError) {
        let handle = try openHandle()
        let address = try Address(endpoint)
        try address.check(hasCurve: options.curve != nil)
        if case .tcp(let host, let port) = address {
            guard case .client? = options.curve, port > 0 else {
                throw ZeroMQError(.transportRefused, "\(endpoint): a socket that connects needs the server's CURVE key")
            }
            try allowIPv6(host)
        }
        guard zmq_connect(handle, endpoint) == 0 else { throw .last("can't connect to \(endpoint)") }
        lastEndpoint = told(by: handle)
    }

    private func allowIPv6(_ host: String) throws(ZeroMQError) {
        if host.hasPrefix("[") { try set(ZMQ_IPV6, Int32(1), "IPv6") }
    }

    /// Sub: receive messages whose first frame begins with these bytes. All, when empty.
    package func subscribe(to prefix: [UInt8] = []) throws(ZeroMQError) {
        try set(ZMQ_SUBSCRIBE, prefix, "the subscription")
    }

    /// What libzmq bound or connected just now, as it spells it.
    private func told(by handle: UnsafeMutableRawPointer) -> String? {
        var buffer = [UInt8](repeating: 0, count: 512)
        var size = buffer.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &buffer, &size) == 0, size > 1 else { return nil }
        return String(decoding: buffer.prefix(size - 1), as: UTF8.self)
    }

    /// libzmq (since 4.3) leaves the file behind. It is removed while the path is still locked, so that it can't be the
    /// file of the next owner.
    func release(_ binding: Binding) {
        guard let handle else { return }
        if binding.isBound { zmq_unbind(handle, binding.endpoint) }
        guard let path = binding.path else { return }
        if let file = binding.file, FileIdentity(at: path) == file { unlink(path) }
        context.lockedPaths[path] = nil
    }
}
