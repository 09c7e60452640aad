import Dispatch
import Logging
import ServiceRuntime
import Synchronization
import Telehash

/// Reads the saved switches at the start, and saves them every few minutes and at the end.
final class StateKeeper: Sendable {
    private struct State {
        var switches: SavedSwitches
        /// Since the router's start.
        var nextLook = RouterLimits.firstSave
        var hasFailed = false
    }

    private let file: SwitchFile?
    private let logger: Logger
    private let state: Mutex<State>
    /// A disk may take seconds: nothing else waits for it.
    private let queue = DispatchQueue(label: "p2pmsg.state")

    /// - Parameter path: of the file; nil: nothing is kept.
    init(path: String?, logger: Logger) {
        self.logger = logger
        var saved: [SwitchFile.Entry] = []
        var file = path.map(SwitchFile.init)
        switch file?.read() {
        case .entries(let entries): saved = entries
        case .absent, nil: break
        case .damaged(let line, let why):
            logger.warning(
                "the saved switches are damaged and not used; the next ones replace them",
                metadata: ["file": "\(path ?? ""):\(line)", "why": "\(why)"])
        case .foreign(let why):
            logger.warning(
                "this file holds no saved switches of p2pmsg and is left alone, so none are kept; move it away or choose "
                    + "another --state", metadata: ["file": "\(path ?? "")", "why": "\(why)"])
            file = nil
        }
        self.file = file
        state = Mutex(State(switches: SavedSwitches(saved)))
    }

    /// Switches of an earlier life, best first.
    func known(ipv6: Bool) -> [Endpoint] {
        state.withLock { $0.switches.saved.map(\.endpoint).filter { $0.isIPv6 == ipv6 } }
    }

    /// Whether it is time to look for changes.
    /// - Parameter uptime: since the router's start.
    func isDue(uptime: Duration) -> Bool {
        file != nil && state.withLock { $0.nextLook <= uptime }
    }

    /// Saves what is new.
    func save(_ contacts: [Endpoint], uptime: Duration) async {
        guard let file else { return }
        let entries = state.withLock { state in
            let entries = state.switches.update(contacts, now: Timestamp.now)
            // Until the first switches are saved, a crash would lose them all.
            let isFirst = entries == nil && state.switches.saved.isEmpty
            state.nextLook = uptime + (isFirst ? RouterLimits.firstSave : RouterLimits.saveInterval)
            return entries
        }
        guard let entries else { return }
        let problem = await withCheckedContinuation { continuation in
            queue.async {
                do throws(FailureReport) {
                    try file.write(entries)
                    continuation.resume(returning: nil as FailureReport?)
                } catch {
                    continuation.resume(returning: error)
                }
            }
        }
        finish(entries, problem)
    }

    private func finish(_ entries: [SwitchFile.Entry], _ problem: FailureReport?) {
        let isNew = state.withLock { state in
            if problem == nil { state.switches.didSave(entries) }
            defer { state.hasFailed = problem != nil }
            return !state.hasFailed
        }
        guard let problem, isNew else { return }
        logger.warning(
            "the switches that this node knows can't be saved; after a restart it will need its seeds (see --state)",
            metadata: ["why": "\(problem.message)"])
    }
}
