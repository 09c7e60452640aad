import Foundation
import TestSupport

extension Stage {
    /// A number of a process's `/metrics`, without the prefix of its service; zero while it has not counted any.
    func metric(_ name: String, of number: Int) async throws -> Int {
        let text = try await parts[number].ops.get("/metrics").body
        let line = text.split(separator: "\n").first { line in
            !line.hasPrefix("#") && (line.split(separator: " ").first?.hasSuffix("_\(name)") ?? false)
        }
        return line.flatMap { $0.split(separator: " ").last.flatMap { Int($0) } } ?? 0
    }

    /// Bytes of memory that a process has resident.
    func residentBytes(of number: Int) throws -> Int {
        try ProcessFigures.residentBytes(of: process(number))
    }

    /// The most memory that a process had resident at any look, until the task is cancelled.
    func watchMemory(of number: Int) async -> Int {
        var most = 0
        repeat { most = max(most, (try? residentBytes(of: number)) ?? 0) } while await letPass(.milliseconds(250))
        return most
    }
}

/// - Returns: false when the task was cancelled.
func letPass(_ duration: Duration) async -> Bool { (try? await letTimePass(duration)) != nil }
