extension Counters {
    /// Everything in the Prometheus text format 0.0.4: the process, the build, and the service's own numbers as
    /// `p2pmsg_<service>_<family>`.
    package func prometheusText() -> String {
        let prefix = "p2pmsg_\(Counters.cleaned(service))_"
        var page = PrometheusPage()
        ProcessMetrics.read().write(to: &page)
        page.add(
            prefix + "build_info", .gauge, "The version that runs; the value is always 1.",
            PrometheusPage.Sample(labels: [MetricLabel("version", Version.current)], value: "1"))
        for (name, kind, value) in sortedNumbers() {
            let place = catalogue.place(of: name)
            let labels = zip([place.family.label], [place.value]).compactMap { label, value in
                label.flatMap { label in value.map { MetricLabel(label, $0) } }
            }
            page.add(
                prefix + place.family.name, kind == .counter ? .counter : .gauge, place.family.help,
                PrometheusPage.Sample(labels: labels, value: "\(value)"))
        }
        for table in allTables() {
            for row in table.rows {
                page.add(
                    prefix + table.name, table.kind == .counter ? .counter : .gauge, table.help,
                    PrometheusPage.Sample(labels: row.labels, value: "\(row.value)"))
            }
        }
        for (key, histogram) in allHistograms() {
            page.add(
                prefix + key.family, catalogue.place(of: key.family).family.help, histogram, labels: key.labels)
        }
        return page.text
    }
}

/// A page of metrics while it is written: families sorted by name, each with its explanation once.
struct PrometheusPage {
    enum Kind: String { case counter, gauge, histogram }

    struct Sample {
        var suffix = ""
        var labels: [MetricLabel] = []
        let value: String
    }

    private struct Family {
        let kind: Kind
        let help: String
        /// Sorted by their labels; the lines of one histogram stay in order.
        var groups: [(labels: [MetricLabel], samples: [Sample])] = []
    }

    private var families: [String: Family] = [:]

    /// Adds a number. Counters get the suffix that the format wants.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ sample: Sample) {
        add(kind == .counter && !name.hasSuffix("_total") ? name + "_total" : name, kind, help, sample.labels, [sample])
    }

    /// Adds a histogram. One that has never been used is left out: most combinations of labels never happen.
    mutating func add(_ name: String, _ help: String, _ histogram: Histogram, labels: [MetricLabel]) {
        let cumulated = histogram.cumulated
        guard let count = cumulated.last, count > 0 || labels.isEmpty else { return }
        var samples = zip(histogram.bounds, cumulated).map { bound, count in
            let limit = MetricLabel("le", "\(Double(bound) / histogram.unit.scale)")
            return Sample(suffix: "_bucket", labels: labels + [limit], value: "\(count)")
        }
        samples += [
            Sample(suffix: "_bucket", labels: labels + [MetricLabel("le", "+Inf")], value: "\(count)"),
            Sample(suffix: "_sum", labels: labels, value: "\(histogram.shownSum)"),
            Sample(suffix: "_count", labels: labels, value: "\(count)"),
        ]
        add(name, .histogram, help, labels, samples)
    }

    private mutating func add(
        _ name: String, _ kind: Kind, _ help: String, _ labels: [MetricLabel], _ samples: [Sample]
    ) {
        families[name, default: Family(kind: kind, help: help)].groups.append((labels, samples))
    }

    var text: String {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(PrometheusPage.escaped(family.help))\n# TYPE \(name) \(family.kind.rawValue)\n"
            let groups = family.groups.sorted { left, right in
                left.labels.map(\.value).lexicographicallyPrecedes(right.labels.map(\.value))
            }
            for sample in groups.flatMap(\.samples) {
                text += "\(name)\(sample.suffix)\(PrometheusPage.text(sample.labels)) \(sample.value)\n"
            }
        }
        return text
    }

    private static func text(_ labels: [MetricLabel]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.append(character)
            }
        }
        return result
    }
}
