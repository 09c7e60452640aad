import Glibc

/// What the fuzzer says for itself, beside libFuzzer's own lines.
enum Report {
    static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    /// Ends the process as a crash does, so that libFuzzer keeps the input.
    static func fail(_ text: String) -> Never {
        say("FOUND: \(text)")
        abort()
    }

    /// Megabytes of this process that are in memory.
    static func residentMegabytes() -> Double {
        let file = open("/proc/self/statm", O_RDONLY)
        defer { close(file) }
        var line = [UInt8](repeating: 0, count: 128)
        let count = read(file, &line, line.count)
        let fields = String(decoding: line.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }

    /// A number with `digits` behind the point.
    static func number(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((value * scale).rounded())
        guard digits > 0 else { return String(scaled) }
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
