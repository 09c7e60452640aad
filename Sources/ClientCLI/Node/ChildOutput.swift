import Dispatch
import Glibc
import ServiceRuntime
import Synchronization
import TelehashWire

/// Passes what a child says on to our standard error, each line with the child's label, and remembers the last one.
///
/// How it ends is held back until somebody knows whether it is tried again: a node that gives up says it itself.
final class ChildOutput: Sendable {
    private struct State {
        var splitter = LineSplitter(limit: Limits.childLineBytes)
        var last = ""
        var error = ""
        var heldBack = ""
    }

    private let label: String
    private let format: LogFormat
    private let state = Mutex(State())

    init(label: String, format: LogFormat = .text) {
        self.label = label
        self.format = format
    }

    /// Of a child that cannot start, why: its last error, else whatever it said last.
    var reason: String { state.withLock { $0.error.isEmpty ? $0.last : $0.error } }

    /// Reads the pipe until every writer has closed it, which is when the child ends, and closes it.
    ///
    /// On a thread of its own, with plain reads: libdispatch's read sources use freed memory on Linux when a pipe has
    /// data and loses its writer in one moment, which is how a child that cannot start ends.
    /// - Parameter onEnd: called on that thread when all that the child said was shown; may block.
    func follow(_ descriptor: Int32, onEnd: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "p2pmsg.output.\(label)").async { [self] in
            var buffer = [UInt8](repeating: 0, count: Limits.inputChunkBytes)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count > 0 {
                    pass(Array(buffer[..<count]))
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            close(descriptor)
            finish()
            onEnd()
        }
    }

    func release() { StandardStreams.error(takeHeldBack()) }

    func drop() { _ = takeHeldBack() }

    private func takeHeldBack() -> String {
        state.withLock { state in
            defer { state.heldBack = "" }
            return state.heldBack
        }
    }

    private func pass(_ bytes: [UInt8]) {
        show(state.withLock { $0.splitter.feed(bytes) })
    }

    private func finish() {
        show(state.withLock { state in state.splitter.finish().map { [$0] } ?? [] })
    }

    private func show(_ lines: [LineSplitter.Line]) {
        for line in lines {
            guard case .bytes(let bytes) = line else { continue }
            let text = SafeText.line(String(decoding: bytes, as: UTF8.self))
            let shown =
                switch format {
                case .text: "\(label) | \(text)\n"
                case .json: ChildOutput.json(text, of: label) + "\n"
                }
            let isHeldBack = state.withLock { state in
                if !text.isEmpty { state.last = text }
                guard ChildOutput.isError(text) else { return false }
                state.error = ChildOutput.message(in: text)
                state.heldBack += shown
                return true
            }
            if !isHeldBack { StandardStreams.error(shown) }
        }
    }

    /// The line of a JSON log, with the name of the process in front; anything else (what a runtime says before it
    /// aborts) becomes the message of one.
    static func json(_ line: String, of label: String) -> String {
        let name = "\"process\":\"\(label)\","
        let object = line.hasPrefix("{\"time\":") ? line : Log.line(line, service: label, level: .error)
        return "{" + name + object.dropFirst()
    }

    /// What a line of a JSON log says; any other line as it is.
    static func message(in line: String) -> String {
        guard case .text(let message)? = try? JSONObject(Array(line.utf8))["message"] else { return line }
        return message
    }

    /// `p2pmsg-router: …` is how a service ends, `Error: …` how its command line is refused; in a JSON log it is the level.
    private static func isError(_ line: String) -> Bool {
        if line.hasPrefix("p2pmsg-") || line.hasPrefix("Error: ") { return true }
        guard case .text("critical")? = try? JSONObject(Array(line.utf8))["level"] else { return false }
        return true
    }
}
