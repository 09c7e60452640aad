import Foundation

/// One line of the table: what was promised and what was measured.
struct Figure {
    let what: String
    let goal: String
    let measured: String
    let isMet: Bool
    /// How it was measured, in a few words.
    let how: String

    /// Says figures at once: the table comes at the end, and a run may be stopped before.
    static func noteEach(_ figures: [Figure]) {
        for figure in figures {
            note(
                "\(figure.what): \(figure.measured), goal \(figure.goal) \(figure.isMet ? "met" : "MISSED") (\(figure.how))"
            )
        }
    }

    /// Prints figures side by side, and on what they were measured.
    static func printTable(_ figures: [Figure]) {
        let header = ["what", "goal", "measured", "met", "how"]
        let rows = figures.map { [$0.what, $0.goal, $0.measured, $0.isMet ? "yes" : "NO", $0.how] }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        print(line(header))
        print("|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|")
        for row in rows { print(line(row)) }
    }
}

extension Double {
    /// With so many decimals.
    func text(_ digits: Int = 2) -> String { String(format: "%.\(digits)f", self) }

    /// As a percentage.
    var percent: String { "\((self * 100).text(3)) %" }
}

/// What this process uses.
enum ProcessUse {
    /// The most memory that it ever had, in bytes.
    static var peakBytes: Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return kilobytes.flatMap { Double($0) }.map { $0 * 1024 } ?? .nan
    }
}
