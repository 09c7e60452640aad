import CZeroMQ
import Glibc

/// A thread of the system, for work that blocks or that belongs to one thread.
package enum NativeThread {
    /// What the new thread gets; it is handed over whole and never touched by the old one again.
    private final class Start {
        let name: String
        let body: () -> Void
        init(name: String, body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread on which no signal is delivered: those are for the threads that wait for them.
    ///
    /// - Parameter name: at most 15 bytes, as `top -H` shows it.
    /// - Returns: what somebody must join or detach.
    /// - Throws: `system` where the system has no room for another thread.
    package static func start(_ name: String, _ body: sending @escaping () -> Void) throws(ZeroMQError) -> pthread_t {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var handle = pthread_t()
        let result = pthread_create(&handle, nil, { NativeThread.main($0) }, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw .system("can't start the thread \(name)", errno: result)
        }
        return handle
    }

    /// As ``start(_:_:)``, for a thread whose end nobody waits for.
    package static func detach(_ name: String, _ body: sending @escaping () -> Void) throws(ZeroMQError) {
        pthread_detach(try start(name, body))
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        p2pmsg_name_thread(start.name)
        start.body()
        return nil
    }
}
