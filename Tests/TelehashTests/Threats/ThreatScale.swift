import Foundation

/// How much of each threat is played: enough to notice a hole in seconds, or the full count of the table of threats with
/// `P2PMSG_THREATS=full` in the environment, or a part of that with `P2PMSG_THREATS=0.1`.
enum ThreatScale {
    private static let share: Double? = {
        let wanted = ProcessInfo.processInfo.environment["P2PMSG_THREATS"]
        return wanted == "full" ? 1 : wanted.flatMap(Double.init)
    }()

    static var isFull: Bool { share == 1 }

    static func count(_ quick: Int, full: Int) -> Int {
        share.map { max(quick, Int(Double(full) * $0)) } ?? quick
    }

    /// Prints a measured figure.
    static func report(_ figure: String) { print("threat:", figure) }
}

extension ThreatScale {
    /// A bound on time for optimised code; twenty times as much where checks and asserts are compiled in.
    static func microseconds(_ bound: Double) -> Double {
        var isDebug = false
        assert(
            {
                isDebug = true
                return true
            }())
        return isDebug ? 20 * bound : bound
    }

    /// Memory of this process, from `/proc`.
    static var residentMegabytes: Double {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}
