import Synchronization

/// The reads that are under way: a few of each visitor at a time. A visitor who asks for more waits behind its own requests, so
/// that however dear they are, others have their part of processor and stores.
final class Turns: Sendable {
    private struct Line {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// By where visitors come from.
    private let lines = Mutex<[[UInt8]: Line]>([:])

    /// - Parameter visitor: programs on this machine do not wait.
    /// - Throws: what `body` throws; 429 where too many wait.
    func hold<Value: Sendable>(of visitor: Visitor, _ body: () async throws -> Value) async throws -> Value {
        guard let site = visitor.site else { return try await body() }
        try await begin(site)
        defer { end(site) }
        return try await body()
    }

    private func begin(_ site: [UInt8]) async throws(Problem) {
        guard waiting(of: site) < Limits.waitingReads else { throw .tooManyReadsAtOnce }
        await withCheckedContinuation { turn in
            let isNext = lines.withLock { lines in
                guard lines[site, default: Line()].running == Limits.visitorReads else {
                    lines[site, default: Line()].running += 1
                    return true
                }
                lines[site]?.waiting.append(turn)
                return false
            }
            if isNext { turn.resume() }
        }
    }

    func waiting(of site: [UInt8]) -> Int { lines.withLock { $0[site]?.waiting.count ?? 0 } }

    private func end(_ site: [UInt8]) {
        let next = lines.withLock { lines -> CheckedContinuation<Void, Never>? in
            guard var line = lines[site] else { return nil }
            let next = line.waiting.isEmpty ? nil : line.waiting.removeFirst()
            if next == nil { line.running -= 1 }
            lines[site] = line.running > 0 ? line : nil
            return next
        }
        next?.resume()
    }
}
