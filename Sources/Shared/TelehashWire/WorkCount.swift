import Synchronization

/// How often signals were read and messages hashed: what is dear enough to be done once only. Debug builds count it where
/// a test asks them to.
package final class WorkCount: Sendable {
    package enum Work: Sendable { case parse, hash }

    @TaskLocal private static var current: WorkCount?

    private let parsed = Atomic(0)
    private let hashed = Atomic(0)

    package var parses: Int { parsed.load(ordering: .relaxed) }
    package var hashes: Int { hashed.load(ordering: .relaxed) }

    package init() {}

    /// Counts what `body` does on this thread.
    package func of<Value>(_ body: () throws -> Value) rethrows -> Value {
        try WorkCount.$current.withValue(self, operation: body)
    }

    package static func did(_ work: Work) {
        #if DEBUG
        guard let current else { return }
        switch work {
        case .parse: current.parsed.add(1, ordering: .relaxed)
        case .hash: current.hashed.add(1, ordering: .relaxed)
        }
        #endif
    }
}
