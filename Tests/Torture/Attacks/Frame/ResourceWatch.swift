import Foundation
import Synchronization
import TestSupport

/// Looks what the nodes' processes take, and whether one ends.
final class ResourceWatch: Sendable {
    private struct Watched: Sendable {
        let pid: pid_t
        let program: String
        let node: AttackedNode
    }

    private let watched: [Watched]
    private let most = Mutex<[String: Int]>([:])
    private let disk: Int
    private let field: Field
    private let looking = Mutex<Task<Void, Never>?>(nil)

    init(of field: Field) {
        self.field = field
        watched = field.nodes.flatMap { node in
            Verdict.memory.flatMap { program, _ in
                node.processes(program).map { Watched(pid: $0, program: program, node: node) }
            }
        }
        disk = field.nodes.reduce(0) { $0 + $1.diskBytes }
        let task = Task { [self] in
            repeat { look() } while await letPass(.milliseconds(500))
        }
        looking.withLock { $0 = task }
    }

    private func look() {
        for one in watched {
            guard let bytes = try? ProcessFigures.residentBytes(of: one.pid) else { continue }
            most.withLock { $0[one.program] = max($0[one.program] ?? 0, bytes) }
        }
    }

    func end() async -> [Check] {
        looking.withLock { $0 }?.cancel()
        await looking.withLock { $0 }?.value
        let most = most.withLock { $0 }
        let gone = watched.filter { one in !one.node.processes(one.program).contains(one.pid) }
        let grown = field.nodes.reduce(0) { $0 + $1.diskBytes } - disk
        return Verdict.memory.map { program, bound in
            Check("most memory of a \(program)", (most[program] ?? 0) >> 20, atMost: bound >> 20, " MB")
        } + [
            Check("processes that ended", gone.count, atMost: 0),
            Check("the stores have grown by", "\(grown >> 10) kB"),
        ]
    }
}
