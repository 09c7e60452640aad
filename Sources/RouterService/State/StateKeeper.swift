import Logging
import ServiceRuntime
import Synchronization
import Telehash
import TelehashWire

/// Reads the saved switches and lines at the start, and saves them soon after they changed, every few minutes, and at the
/// end.
final class StateKeeper: Sendable {
    private struct State {
        var switches: SavedSwitches
        /// Since the router's start.
        var nextLook = RouterLimits.firstSave
        var lastLook = Duration.zero
        var progress = Progress()
    }

    /// Counters of the switch that show whether there may be other lines than before.
    struct Progress: Sendable {
        /// Lines that began or ended.
        var lines: UInt64 = 0
        var bytesReceived: UInt64 = 0
    }

    private let file: SwitchFile?
    private let state: Mutex<State>
    private let writer: StateWriter

    /// - Parameter path: of the file; nil: nothing is kept.
    init(path: String?, logger: Logger) {
        writer = StateWriter { problem in
            logger.warning(
                "the switches that this node knows can't be saved; after a restart it will need its seeds (see --state)",
                metadata: ["why": "\(problem.message)"])
        }
        var switches = SavedSwitches()
        var file = path.map(SwitchFile.init)
        switch file?.read() {
        case .entries(let entries, let lines): switches = SavedSwitches(entries, lines: lines)
        case .absent, nil: break
        case .damaged(let line, let why):
            logger.warning(
                "the saved switches are damaged and not used; the next ones replace them",
                metadata: ["file": "\(path ?? ""):\(line)", "why": "\(why)"])
        case .foreign(let why):
            logger.warning(
                """
                this file holds no saved switches of p2pmsg and is left alone, so none are kept; move it away or choose \
                another --state
                """, metadata: ["file": "\(path ?? "")", "why": "\(why)"])
            file = nil
        }
        self.file = file
        state = Mutex(State(switches: switches))
    }

    /// Switches of an earlier life, best first.
    func known(ipv6: Bool) -> [Endpoint] {
        state.withLock { $0.switches.saved.map(\.endpoint).filter { $0.isIPv6 == ipv6 } }
    }

    /// Lines of the router before, if it had this address.
    func remembered(ipv6: Bool) -> [RememberedLine] {
        state.withLock { $0.switches.lines.filter { $0.endpoint.isIPv6 == ipv6 } }
    }

    /// Whether it is time to look for changes: now and then, and soon where something has changed.
    /// - Parameter uptime: since the router's start.
    func isDue(uptime: Duration, progress: Progress = Progress()) -> Bool {
        guard file != nil else { return false }
        return state.withLock { state in
            let mayLook = uptime - state.lastLook >= RouterLimits.changeInterval
            let (bytes, hasWrapped) = progress.bytesReceived.subtractingReportingOverflow(state.progress.bytesReceived)
            let hasChanged =
                progress.lines != state.progress.lines || (!hasWrapped && bytes >= UInt64(RouterLimits.unsavedBytes))
            guard state.nextLook <= uptime || (mayLook && hasChanged) else { return false }
            state.lastLook = uptime
            state.progress = progress
            return true
        }
    }

    /// Saves what is new.
    func save(_ contacts: [Endpoint], lines: [RememberedLine] = [], uptime: Duration) async {
        guard let file else { return }
        let entries = state.withLock { state in
            let entries = state.switches.update(contacts, lines: lines, now: Timestamp.now)
            // Until the first switches are saved, a crash would lose them all.
            let isFirst = entries == nil && state.switches.saved.isEmpty
            state.nextLook = uptime + (isFirst ? RouterLimits.firstSave : RouterLimits.saveInterval)
            return entries
        }
        guard let entries else { return }
        let isSaved = await withCheckedContinuation { continuation in
            writer.post { () throws(FailureReport) in
                try file.write(entries, lines: lines)
            } onEnd: {
                continuation.resume(returning: $0)
            }
        }
        if isSaved { state.withLock { $0.switches.didSave(entries, lines: lines) } }
    }
}

extension StateKeeper.Progress {
    /// From the counters of a switch.
    init(_ counters: [String: UInt64]) {
        lines = ["lines_proven", "lines_restarted", "lines_purged"].reduce(0) { $0 &+ (counters[$1] ?? 0) }
        bytesReceived = counters["bytes_received"] ?? 0
    }
}
