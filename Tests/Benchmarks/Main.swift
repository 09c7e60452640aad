import Foundation

/// Measures the project's figures. See `Tests/Benchmarks/run`.
@main
enum Benchmarks {
    static let all: [Benchmark] = [.start, .send, .streams, .mesh, .throughput, .relay, .size]
    /// Measured when they are named: they take minutes each.
    static let long: [Benchmark] = [.million]

    static func main() async {
        let words = CommandLine.arguments.dropFirst()
        let chosen =
            words.isEmpty
            ? all : (all + long).filter { benchmark in words.contains { benchmark.name.hasPrefix($0) } }
        guard !chosen.isEmpty else {
            note("No such figure. There are: \((all + long).map(\.name).joined(separator: ", "))")
            exit(2)
        }
        var figures: [Figure] = []
        var failed = false
        for benchmark in chosen {
            note("\(benchmark.name)…")
            do {
                figures += try await benchmark.measure()
            } catch {
                failed = true
                note("\(benchmark.name) could not be measured: \(error)")
            }
        }
        printTable(figures)
        exit(failed ? 1 : 0)
    }

    /// Talk goes to standard error, the table to standard output.
    static func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    private static func printTable(_ figures: [Figure]) {
        let header = ["what", "goal", "measured", "met", "how"]
        let rows = figures.map { [$0.what, $0.goal, $0.measured, $0.isMet ? "yes" : "NO", $0.how] }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        print(machine)
        print(line(header))
        print("|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|")
        for row in rows { print(line(row)) }
    }

    /// What it ran on, because figures mean nothing without it.
    private static var machine: String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        let name = model?.trimmingCharacters(in: .whitespaces) ?? "unknown processor"
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return "\(name), \(cores) cores, load \(load.split(separator: " ").prefix(3).joined(separator: " "))"
    }
}
