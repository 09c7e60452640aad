import Glibc

/// What the system knows about this process, under the names that every Prometheus client library uses.
struct ProcessMetrics {
    var residentBytes: UInt64?
    var virtualBytes: UInt64?
    var processorSeconds: Double?
    /// Since 1970.
    var startSeconds: Double?
    var openFiles: UInt64?
    var maximumFiles: UInt64?
    var threads: UInt64?

    /// Reads `/proc`; what cannot be read (no file left to open) is absent.
    static func read() -> ProcessMetrics {
        var metrics = ProcessMetrics()
        // Everything after the name, which is in parentheses and may hold anything: state is field 3.
        let fields = text(of: "/proc/self/stat").flatMap { stat in
            stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...].split(separator: " ") }
        }
        if let fields, fields.count > 21 {
            let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
            if let user = Double(fields[11]), let system = Double(fields[12]) {
                metrics.processorSeconds = (user + system) / ticks
            }
            metrics.threads = UInt64(fields[17])
            if let start = Double(fields[19]), let boot = bootSeconds { metrics.startSeconds = boot + start / ticks }
            metrics.virtualBytes = UInt64(fields[20])
            metrics.residentBytes = UInt64(fields[21]).map { $0 * UInt64(max(1, sysconf(Int32(_SC_PAGESIZE)))) }
        }
        metrics.openFiles = countOpenFiles()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            metrics.maximumFiles = UInt64(limit.rlim_cur)
        }
        return metrics
    }

    func write(to page: inout PrometheusPage) {
        func add(_ name: String, _ kind: PrometheusPage.Kind, _ help: String, _ value: String?) {
            guard let value else { return }
            page.add("process_" + name, kind, help, PrometheusPage.Sample(value: value))
        }
        add("resident_memory_bytes", .gauge, "Resident memory size in bytes.", residentBytes?.description)
        add("virtual_memory_bytes", .gauge, "Virtual memory size in bytes.", virtualBytes?.description)
        add(
            "cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.",
            processorSeconds?.description)
        add(
            "start_time_seconds", .gauge, "Start time of the process since unix epoch in seconds.",
            startSeconds?.description)
        add("open_fds", .gauge, "Number of open file descriptors.", openFiles?.description)
        add("max_fds", .gauge, "Maximum number of open file descriptors.", maximumFiles?.description)
        add("threads", .gauge, "Number of OS threads in the process.", threads?.description)
    }

    /// Seconds since 1970 at which the machine started.
    private static let bootSeconds: Double? = {
        let line = text(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }()

    private static func text(of path: String) -> String? {
        (try? readFile(path, limit: Limits.procFileBytes)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func countOpenFiles() -> UInt64? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count: UInt64 = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // The directory itself is one of them.
        return count - min(count, 1)
    }
}
