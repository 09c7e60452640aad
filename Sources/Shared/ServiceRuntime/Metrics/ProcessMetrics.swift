import Glibc

extension PrometheusPage {
    /// What the system knows about this process, under the names that every Prometheus client library uses. What cannot be
    /// read (no file left to open) is absent.
    mutating func addProcess() {
        // Everything after the name, which is in parentheses and may hold anything: state is field 3.
        let stat = PrometheusPage.read("/proc/self/stat")
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        func field(_ index: Int) -> UInt64? { index < fields.count ? UInt64(fields[index]) : nil }
        func add(_ name: String, _ help: String, _ value: String?, _ kind: MetricKind = .gauge) {
            if let value { self.add("process_" + name, kind, help, value) }
        }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let pageBytes = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))
        if let user = field(11), let system = field(12) {
            let seconds = Double(user + system) / ticks
            add("cpu_seconds_total", "Total user and system CPU time spent in seconds.", "\(seconds)", .counter)
        }
        if let start = field(19), let boot = PrometheusPage.bootSeconds {
            let seconds = boot + Double(start) / ticks
            add("start_time_seconds", "Start time of the process since unix epoch in seconds.", "\(seconds)")
        }
        add("threads", "Number of OS threads in the process.", field(17)?.description)
        add("virtual_memory_bytes", "Virtual memory size in bytes.", field(20)?.description)
        add("resident_memory_bytes", "Resident memory size in bytes.", field(21).map { "\($0 * pageBytes)" })
        add("open_fds", "Number of open file descriptors.", PrometheusPage.openFiles?.description)
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            add("max_fds", "Maximum number of open file descriptors.", "\(UInt64(limit.rlim_cur))")
        }
    }

    /// Seconds since 1970 at which the machine started.
    private static let bootSeconds: Double? = {
        let line = read("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }()

    private static func read(_ path: String) -> String {
        String(decoding: (try? readFile(path, limit: Limits.procFileBytes)) ?? [], as: UTF8.self)
    }

    private static var openFiles: UInt64? {
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
