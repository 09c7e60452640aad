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
        unbindAll(of: handle)
        listening = context.every(ZeroMQLimits.listenPause) { [weak self] in self?.listenIfThereIsRoom() }
    }

    private func listenIfThereIsRoom() {
        if context.descriptors.haveRoom(probing: context.mailbox.wakeDescriptor) { listen() }
    }

    func unbindAll(of handle: UnsafeMutableRawPointer) {
        for index in bindings.indices where bindings[index].isBound {
            zmq_unbind(handle, bindings[index].endpoint)
            bindings[index].isBound = false
        }
    }

    /// Binds what should be bound. The address may still belong to the listener before, whose end libzmq's own thread
    /// brings about; so it is tried until it succeeds.
    func listen() {
        guard let handle else { return }
        listening?.cancel()
        var pause = ZeroMQLimits.bindPause
        for index in bindings.indices where !bindings[index].isBound {
            if let path = bindings[index].path, !lock(path) {
                pause = ZeroMQLimits.filePause
                continue
            }
            guard zmq_bind(handle, bindings[index].endpoint) == 0 else { continue }
            bindings[index].isBound = true
            guard let path = bindings[index].path else { continue }
            do throws(ZeroMQError) { try closeToStrangers(path) } catch { context.onError(error) }
            bindings[index].file = FileIdentity(at: path)
        }
        guard bindings.contains(where: { !$0.isBound }) else { return }
        listening = context.after(pause) { [weak self] in self?.listen() }
    }
}

/// The files of `ipc://` endpoints. A cleaner of temporary files, or the end of a login, deletes them; whoever connects
/// then finds nobody, although everything that was connected before goes on.
extension Socket {
    /// Whether somebody who connects now finds us, at every endpoint that is bound.
    package var isListening: Bool {
        isOpen && bindings.allSatisfy { $0.isBound && isInPlace($0) }
    }

    func watchFiles() {
        guard watching == nil else { return }
        watching = context.every(ZeroMQLimits.filePause) { [weak self] in self?.checkFiles() }
    }

    private func isInPlace(_ binding: Binding) -> Bool {
        guard let path = binding.path else { return true }
        return binding.file != nil && FileIdentity(at: path) == binding.file
            && context.lockedPaths[path]?.isInPlace == true
    }

    private func checkFiles() {
        guard let handle else { return }
        var isLost = false
        for index in bindings.indices where bindings[index].isBound && !isInPlace(bindings[index]) {
            // Somebody else may be there by now.
            guard let path = bindings[index].path, lock(path) else { continue }
            zmq_unbind(handle, bindings[index].endpoint)
            bindings[index].isBound = false
            counters.rebound += 1
            isLost = true
        }
        if isLost { listen() }
    }

    /// - Returns: whether the path is ours.
    private func lock(_ path: String) -> Bool {
        if context.lockedPaths[path]?.isInPlace == true { return true }
        // Of a file that has no name any more; ours could not be told from it.
        context.lockedPaths[path] = nil
        do throws(ZeroMQError) {
            context.lockedPaths[path] = try PathLock(path: path)
            hasReportedLoss = false
            return true
        } catch {
            if !hasReportedLoss { context.onError(error) }
            hasReportedLoss = true
            return false
        }
    }
}
