import Glibc
import StoreConformance
import Synchronization

/// What the files of one directory would be after the power went: everything that was synced, and of the rest whatever
/// the disk happened to have written.
final class RecordedDisk: Sendable {
    /// Written to a disk as a whole or not at all.
    private static let sectorBytes = 512

    private enum Change {
        case write(at: Int, [UInt8])
        case truncate(to: Int)
    }

    private struct File {
        var durable: [UInt8]
        var unsynced: [Change] = []
    }

    /// The directory at one moment, and what had been promised by then.
    struct Cut: Sendable {
        let files: [String: [UInt8]]
        let acknowledged: Int
    }

    private struct State {
        var files: [String: File] = [:]
        var acknowledged = 0
        var cuts: [Cut] = []
        var random: SeededRandom
    }

    let directory: String
    private let most: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - most: how many cuts are taken.
    ///   - acknowledged: what was promised before.
    init(_ directory: String, most: Int, acknowledged: Int, seed: UInt64) {
        self.directory = directory
        self.most = most
        var first = State(random: SeededRandom(seed: seed))
        first.acknowledged = acknowledged
        state = Mutex(first)
    }

    var cuts: [Cut] { state.withLock { $0.cuts } }

    /// So many messages are promised from now on.
    func acknowledge(_ count: Int) { state.withLock { $0.acknowledged = count } }

    // MARK: - What happens to the files

    func opened(_ path: String) {
        state.withLock { state in
            if state.files[path] == nil || access(path, F_OK) != 0 {
                state.files[path] = File(durable: Self.content(path))
            }
        }
    }

    func wrote(_ path: String, _ bytes: UnsafeRawBufferPointer, at offset: Int) {
        change(path) { $0.unsynced.append(.write(at: offset, Array(bytes))) }
    }

    func truncated(_ path: String, to size: Int) {
        change(path) { $0.unsynced.append(.truncate(to: size)) }
    }

    func synced(_ path: String) {
        change(path) { file in
            for change in file.unsynced { Self.apply(change, to: &file.durable) }
            file.unsynced = []
        }
    }

    /// After each step the power may go.
    private func change(_ path: String, _ body: (inout File) -> Void) {
        state.withLock { state in
            guard var file = state.files[path] else { return }
            body(&file)
            state.files[path] = file
            guard state.cuts.count < most, Int.random(in: 0..<6, using: &state.random) == 0 else { return }
            state.cuts.append(cut(&state))
        }
    }

    private func cut(_ state: inout State) -> Cut {
        var files: [String: [UInt8]] = [:]
        for (path, file) in state.files.sorted(by: { $0.key < $1.key }) where access(path, F_OK) == 0 {
            var bytes = file.durable
            // In any order, because a disk keeps none.
            let isOrdered = Bool.random(using: &state.random)
            let changes = isOrdered ? file.unsynced : file.unsynced.shuffled(using: &state.random)
            for change in changes { Self.applySome(of: change, to: &bytes, using: &state.random) }
            files[String(path.dropFirst(directory.utf8.count + 1))] = bytes
        }
        return Cut(files: files, acknowledged: state.acknowledged)
    }

    /// All of it, nothing, or some sectors.
    private static func applySome(of change: Change, to bytes: inout [UInt8], using random: inout SeededRandom) {
        guard case .write(let offset, let written) = change else {
            if Bool.random(using: &random) { apply(change, to: &bytes) }
            return
        }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return
        case 1: apply(change, to: &bytes)
        default:
            var start = 0
            while start < written.count {
                // To the end of the sector, of which the write may be only a part.
                let end = min(written.count, start + sectorBytes - (offset + start) % sectorBytes)
                if Bool.random(using: &random) {
                    apply(.write(at: offset + start, Array(written[start..<end])), to: &bytes)
                }
                start = end
            }
        }
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .truncate(let size):
            if size < bytes.count { bytes.removeLast(bytes.count - size) }
        case .write(let offset, let written):
            let end = offset + written.count
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.replaceSubrange(offset..<end, with: written)
        }
    }

    private static func content(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk.prefix(count) }
        return bytes
    }
}
