extension Counters {
    /// Everything in the Prometheus text format 0.0.4: the process, the build, and the service's own numbers as
    /// `p2pmsg_<service>_<family>`.
    package func prometheusText() -> String {
        let prefix = "p2pmsg_\(Counters.cleaned(service))_"
        var page = PrometheusPage()
        page.addProcess()
        page.add(
            prefix + "build_info", .gauge, "The version that runs; the value is always 1.",
            "1", labels: [MetricLabel("version", Version.current)])
        for (name, number) in numbers.withLock({ $0 }) {
            let (family, label) = catalogue.place(of: name)
            page.add(
                prefix + family.name, number.kind, family.help, "\(number.value)", labels: label.map { [$0] } ?? [])
        }
        for table in tables.withLock({ $0 }).values {
            for row in table.rows {
                page.add(prefix + table.name, table.kind, table.help, "\(row.value)", labels: row.labels)
            }
        }
        for (key, histogram) in histograms.withLock({ $0 }) {
            page.add(
                prefix + key.family, catalogue.place(of: key.family).family.help, histogram, labels: key.labels)
        }
        return page.text
    }
}

/// A page of metrics while it is written: families sorted by name, each with its explanation once.
struct PrometheusPage {
    private struct Family {
        let kind: MetricKind
        let help: String
        /// Sorted by their labels; the lines of one histogram stay in order.
        var groups: [(labels: [MetricLabel], lines: String)] = []
    }

    private var families: [String: Family] = [:]

    /// Adds a number. Counters get the suffix that the format wants.
    mutating func add(
        _ name: String, _ kind: MetricKind, _ help: String, _ value: String, labels: [MetricLabel] = []
    ) {
        let name = kind == .counter && !name.hasSuffix("_total") ? name + "_total" : name
        families[name, default: Family(kind: kind, help: help)].groups.append(
            (labels, PrometheusPage.line(name, labels, value)))
    }

    /// Adds a histogram. One that has never been used is left out: most combinations of labels never happen.
    mutating func add(_ name: String, _ help: String, _ histogram: Histogram, labels: [MetricLabel]) {
        let cumulated = histogram.cumulated
        guard let count = cumulated.last, count > 0 || labels.isEmpty else { return }
        let limits = histogram.bounds.map { "\(Double($0) / histogram.unit.scale)" } + ["+Inf"]
        let buckets = zip(limits, cumulated).map { limit, count in
            PrometheusPage.line(name + "_bucket", labels + [MetricLabel("le", limit)], "\(count)")
        }
        let lines =
            buckets.joined() + PrometheusPage.line(name + "_sum", labels, "\(histogram.shownSum)")
            + PrometheusPage.line(name + "_count", labels, "\(count)")
        families[name, default: Family(kind: .histogram, help: help)].groups.append((labels, lines))
    }

    var text: String {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(PrometheusPage.escaped(family.help))\n# TYPE \(name) \(family.kind.rawValue)\n"
            let groups = family.groups.sorted { left, right in
                left.labels.map(\.value).lexicographicallyPrecedes(right.labels.map(\.value))
            }
            text += groups.map(\.lines).joined()
        }
        return text
    }

    private static func line(_ name: String, _ labels: [MetricLabel], _ value: String) -> String {
        let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        return name + (pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}") + " \(value)\n"
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\"" where quotes: "\\\""
            default: String(character)
            }
        }.joined()
    }
}
