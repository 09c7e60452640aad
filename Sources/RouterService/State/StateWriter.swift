import Dispatch
import ServiceRuntime
import Synchronization

/// Writes files in the order in which it is told to, on a queue of its own: a disk may take seconds, and nothing else waits
/// for it.
final class StateWriter: Sendable {
    private let queue = DispatchQueue(label: "p2pmsg.state")
    private let hasFailed = Mutex(false)
    private let complain: @Sendable (FailureReport) -> Void

    /// - Parameter complain: told once what is in the way, until it is over.
    init(complain: @escaping @Sendable (FailureReport) -> Void) {
        self.complain = complain
    }

    /// - Parameter onEnd: told whether it was written.
    func post(
        _ write: @escaping @Sendable () throws(FailureReport) -> Void,
        onEnd: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        queue.async { [self] in
            var problem: FailureReport?
            do throws(FailureReport) { try write() } catch { problem = error }
            let isNew = hasFailed.withLock { hasFailed in
                defer { hasFailed = problem != nil }
                return !hasFailed
            }
            if let problem, isNew { complain(problem) }
            onEnd(problem == nil)
        }
    }

    /// Waits until the last word is on the disk.
    func flush() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    /// Replaces a file, and makes its directory where there is none.
    static func replace(_ path: String, with text: String) throws(FailureReport) {
        if let directory = directory(of: path) { try PrivateDirectory.create(directory) }
        do throws(FileError) {
            try replaceFile(path, with: text)
        } catch {
            throw FailureReport("cannot write \(path): \(error)")
        }
    }
}
