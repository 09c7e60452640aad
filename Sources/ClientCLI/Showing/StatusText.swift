import Bus
import FoundationEssentials
import ServiceRuntime

/// A status report for people and for programs.
enum StatusText {
    /// Columns of the widest line.
    static let width = 100

    /// One line, keys sorted, exactly those of the report.
    static func json(_ report: StatusReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    /// What is there, a subject a line; what an older router does not tell is left out.
    static func lines(_ report: StatusReport) -> String {
        var page = StatusPage(width: width)
        addRouter(report, to: &page)
        addMesh(report, to: &page)
        addBuckets(report.buckets, to: &page)
        addStores(report, to: &page)
        addLimits(report, to: &page)
        addDrops(report, to: &page)
        return page.text
    }

    private static func addRouter(_ report: StatusReport, to page: inout StatusPage) {
        let router = report.router
        page.add("router", router.address.isEmpty ? "address not known yet" : router.address)
        page.add("id", router.id.isEmpty ? "not known yet" : router.id)
        page.add("version", router.version)
        page.add("up", DurationText.describe(.seconds(max(0, router.uptimeSeconds))))
        page.add("bus", router.bus)
    }

    private static func addMesh(_ report: StatusReport, to page: inout StatusPage) {
        var lines = "\(report.lines.proven) proven, \(report.lines.ringing) ringing"
        if let closed = report.lines.closed, closed > 0 {
            lines += ", \(counted(closed, "window")) closed (those peers have to report first)"
        }
        page.add("lines", lines)
        if let udp = report.udp, !udp.isBound {
            let seconds = DurationText.describe(.seconds(max(0, udp.unboundSeconds ?? 0)))
            page.add(
                "udp",
                "the socket has been lost for \(seconds) (\(udp.why ?? "?")); it is bound again as soon as it can be")
        }
        page.add("taps", "\(report.taps.ours) ours, \(report.taps.theirs) theirs")
        if let rates = report.rates {
            page.add(
                "traffic",
                "in \(bytes(rates.bytesIn))/s, \(number(rates.telexesIn)) telexes/s; out \(bytes(rates.bytesOut))/s, "
                    + "\(number(rates.telexesOut)) telexes/s")
        }
        guard let mesh = report.mesh else { return }
        if let time = mesh.meanMilliseconds, let questions = mesh.meanQuestions, mesh.lookups > 0 {
            let share = 100 * Double(mesh.answered) / Double(mesh.lookups)
            page.add(
                "lookups",
                "\(mesh.lookups), \(number(share)) % answered; on average \(number(time)) ms, "
                    + "\(counted(number(questions), "question")), \(counted(number(mesh.meanHops ?? 0), "hop"))")
        }
        if mesh.queued > 0 { page.add("waiting", "\(counted(mesh.queued, "signal")) for windows to open") }
        page.add("switches", mesh.switches == 0 ? "none: no other node answers" : "\(mesh.switches)")
    }

    /// The furthest first, so that the full buckets stand above those that nobody can fill.
    private static func addBuckets(_ buckets: [StatusReport.Bucket], to page: inout StatusPage) {
        let inhabited = buckets.filter { $0.switches > 0 }.sorted { $0.distance > $1.distance }
        for bucket in inhabited {
            // More than k stand in none; whatever a report says, the line stays short.
            let bar = String(repeating: "#", count: min(bucket.switches, 40))
            page.add("bucket \(bucket.distance)", "\(padded(bucket.switches, 3))  \(bar)")
        }
    }

    private static func addStores(_ report: StatusReport, to page: inout StatusPage) {
        if report.stores.isEmpty { page.add("store", "none: messages are only relayed") }
        for store in report.stores {
            let held = store.messages.map { counted($0, "message") } ?? "\(store.acked) stored since it began"
            page.add(
                "store", "\(store.store)  \(counted(store.receivers, "receiver")), \(store.waiting) waiting, \(held)")
        }
        for notice in report.notices ?? [] { page.add("warning", notice.text) }
        if let dead = report.counters["bus_dead_letters_kept"], dead > 0 {
            page.add("dead", "\(counted(dead, "message")) that no receiver could take; see p2pmsg dead")
        }
    }

    private static func addLimits(_ report: StatusReport, to page: inout StatusPage) {
        for budget in report.budgets ?? [] {
            page.add(
                "budget",
                "\(plain(budget.name)): \(budget.left) of \(budget.limit) left, \(number(budget.perSecond)) a second")
        }
        // Most of them are nearly empty all the time, and then of no interest.
        for table in report.tables ?? [] where table.limit > 0 && table.count >= table.limit / 2 {
            page.add("filling", "\(plain(table.name)): \(table.count) of \(table.limit)")
        }
    }

    /// The most frequent first.
    private static func addDrops(_ report: StatusReport, to page: inout StatusPage) {
        let drops = report.drops ?? report.counters.filter { DropWords.known.contains($0.key) }
        let rows = drops.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let width = rows.first.map { String($0.value).count } ?? 0
        for (name, value) in rows { page.add("dropped", "\(padded(value, width))  \(DropWords.words(name))") }
    }

    // MARK: - Numbers

    private static func plain(_ name: String) -> String { String(name.map { $0 == "_" ? " " : $0 }) }

    private static func padded(_ value: some CustomStringConvertible, _ width: Int) -> String {
        let text = value.description
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// A tenth where it tells something, else whole.
    private static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "?" }
        let tenths = Int64((value * 10).rounded())
        return tenths % 10 == 0 || abs(tenths) >= 1_000 ? "\(Int64(value.rounded()))" : "\(Double(tenths) / 10)"
    }

    private static func bytes(_ value: Double) -> String {
        let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        guard let (size, unit) = units.first(where: { value >= $0.0 }) else { return "\(number(value)) B" }
        return "\(number(value / size)) \(unit)"
    }
}

/// Lines of a name and a value, under each other.
struct StatusPage {
    private let width: Int
    private var rows: [(name: String, value: String)] = []

    init(width: Int) {
        self.width = width
    }

    mutating func add(_ name: String, _ value: String) { rows.append((name, value)) }

    /// A name that repeats is written once; a value that is too long loses its middle.
    var text: String {
        let names = rows.map(\.name.count).max() ?? 0
        var last = ""
        return rows.map { row in
            let name = row.name == last ? "" : row.name
            last = row.name
            return name + String(repeating: " ", count: names - name.count + 2) + fitted(row.value, names + 2) + "\n"
        }.joined()
    }

    private func fitted(_ value: String, _ indent: Int) -> String {
        let value = SafeText.line(value)
        let room = max(width - indent, 2)
        guard value.count > room else { return value }
        let head = (room - 1) / 2
        return value.prefix(head) + "…" + value.suffix(room - 1 - head)
    }
}
