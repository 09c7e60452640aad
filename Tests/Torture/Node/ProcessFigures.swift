import Foundation
import TestSupport

/// What the kernel says about a process.
enum ProcessFigures {
    /// Bytes of memory that it has resident.
    static func residentBytes(of process: TestProcess) throws -> Int { try residentBytes(of: process.pid) }

    static func residentBytes(of pid: pid_t) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { throw NotInTime("no VmRSS of process \(pid)") }
        return kilobytes * 1024
    }

    /// Seconds of processor that all its threads have used.
    static func processorSeconds(of process: TestProcess) throws -> Double { try processorSeconds(of: process.pid) }

    static func processorSeconds(of pid: pid_t) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // The name in parentheses may hold anything; utime and stime are the 12th and 13th after it.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw NotInTime("no times of process \(pid)")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
