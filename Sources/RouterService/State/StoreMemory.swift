import Bus
import Logging
import Messages
import ServiceRuntime

/// The file in which a router keeps which stores its node has and what their receivers named, for the router after it: who
/// publishes through that one waits for a store that is only not there yet.
///
/// A head line, then a store's id and one of its channels in each line.
struct StoreFile: Sendable {
    let path: String

    static let head = "# p2pmsg stores 1"
    private static let explanation = ": the stores of this node and their channels; written by the router\n"

    /// - Returns: nil when there is none.
    /// - Throws: a report that says what is wrong with it.
    func read() throws(FailureReport) -> [RememberedStore]? {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readFile(path, limit: RouterLimits.storeMemoryBytes)
        } catch {
            if error.isAbsence { return nil }
            throw FailureReport("\(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self), text.hasPrefix(StoreFile.head), text.hasSuffix("\n")
        else { throw FailureReport("its first line is not \"\(StoreFile.head)\", or its end is missing") }
        return try StoreFile.parse(text)
    }

    /// Replaces the file.
    func write(_ stores: [RememberedStore]) throws(FailureReport) {
        try StateWriter.replace(path, with: StoreFile.text(stores))
    }

    static func text(_ stores: [RememberedStore]) -> String {
        let lines = stores.flatMap { one in
            one.channels.map(\.name).sorted().map { "\(one.store) \($0)\n" }
        }
        return head + explanation + lines.joined()
    }

    static func parse(_ text: String) throws(FailureReport) -> [RememberedStore] {
        var channels: [StoreID: Set<Channel>] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let store = StoreID(String(words[0])), let channel = try? Channel(String(words[1]))
            else { throw FailureReport("line \(index + 1) is no store and channel") }
            channels[store, default: []].insert(channel)
        }
        return channels.map { RememberedStore(store: $0, channels: $1) }
    }
}

/// Keeps the stores of this node for the next router, in the order in which it is told of them.
final class StoreMemory: Sendable {
    /// What the router before this one left; nil: nobody knows.
    let remembered: [RememberedStore]?
    private let file: StoreFile?
    private let writer: StateWriter

    /// - Parameter stateFile: the file with the saved switches, beside which this one lies; nil: nothing is kept.
    init(besides stateFile: String?, logger: Logger) {
        writer = StateWriter { problem in
            logger.warning(
                """
                the stores of this node can't be remembered; what is sent right after a restart may go to other nodes \
                before it is stored here (see --state)
                """, metadata: ["why": "\(problem.message)"])
        }
        let file = stateFile.map { StoreFile(path: $0 + ".stores") }
        self.file = file
        do throws(FailureReport) {
            remembered = try file?.read()
        } catch {
            remembered = nil
            logger.warning(
                "the file with the stores of this node can't be used; the next one replaces it",
                metadata: ["file": "\(file?.path ?? "")", "why": "\(error.message)"])
        }
    }

    func remember(_ stores: [RememberedStore]) {
        guard let file else { return }
        writer.post { () throws(FailureReport) in try file.write(stores) }
    }

    /// Waits until the last word is on the disk.
    func flush() async { await writer.flush() }
}
