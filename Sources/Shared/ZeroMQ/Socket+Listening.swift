import CZeroMQ
import Glibc

/// Listening with an eye on the descriptors that are left: see ``Descriptors``.
extension Socket {
    /// libzmq took a connection.
    func accepted(_ descriptor: Int32) {
        if context.descriptors.isScarce(after: descriptor) { pauseListening() }
    }

    /// libzmq couldn't take a connection, and would try without end.
    func acceptFailed() {
        counters.acceptsFailed += 1
        pauseListening()
    }

    /// Whoever connects now finds nobody and tries again; the connections that exist go on.
    private func pauseListening() {
        guard let handle, listening?.isActive != true else { return }
        counters.pauses += 1
        for index in bindings.indices where bindings[index].isBound {
            zmq_unbind(handle, bindings[index].endpoint)
            bindings[index].isBound = false
        }
        listening = context.every(ZeroMQLimits.listenPause) { [weak self] in self?.listenIfThereIsRoom() }
    }

    private func listenIfThereIsRoom() {
        guard context.descriptors.haveRoom(probing: context.mailbox.wakeDescriptor) else { return }
        listen()
    }

    /// Binds what should be bound. The address may still belong to the listener before, whose end libzmq's own thread
    /// brings about; so it is tried until it succeeds.
    func listen() {
        guard let handle else { return }
        listening?.cancel()
        for index in bindings.indices where !bindings[index].isBound {
            guard zmq_bind(handle, bindings[index].endpoint) == 0 else { continue }
            bindings[index].isBound = true
            guard let path = bindings[index].path else { continue }
            chmod(path, 0o600)
            bindings[index].file = FileIdentity(at: path)
        }
        guard bindings.contains(where: { !$0.isBound }) else { return }
        listening = context.after(ZeroMQLimits.bindPause) { [weak self] in self?.listen() }
    }
}
