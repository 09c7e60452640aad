extension Counters {
    /// All numbers in the Prometheus text format 0.0.4:
    /// `p2pmsg_<service>_<name>_total` for counters, `p2pmsg_<service>_<name>` for gauges, and the build and uptime.
    public func prometheusText() -> String {
        let prefix = "p2pmsg_\(Counters.cleaned(service))_"
        var text = """
            # TYPE \(prefix)build_info gauge
            \(prefix)build_info{version="\(Version.current)"} 1
            # TYPE \(prefix)uptime_seconds gauge
            \(prefix)uptime_seconds \(uptime.components.seconds)

            """
        for (name, kind, value) in sortedNumbers() {
            switch kind {
            case .counter: text += "# TYPE \(prefix)\(name)_total counter\n\(prefix)\(name)_total \(value)\n"
            case .gauge: text += "# TYPE \(prefix)\(name) gauge\n\(prefix)\(name) \(value)\n"
            }
        }
        return text
    }
}
