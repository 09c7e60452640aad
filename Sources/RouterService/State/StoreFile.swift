import Bus
import Glibc
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
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try PrivateDirectory.create(String(path[..<slash]))
        }
        do throws(FileError) {
            try replaceFile(path, with: Array(StoreFile.text(stores).utf8))
        } catch {
            throw FailureReport("cannot write \(path): \(error)")
        }
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

extension FileError {
    fileprivate var isAbsence: Bool {
        guard case .system(let number) = self else { return false }
        return number == ENOENT || number == ENOTDIR
    }
}
