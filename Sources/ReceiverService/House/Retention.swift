import Messages
import ServiceRuntime

/// How long, or how much of, a channel is kept.
struct Retention: Sendable, Hashable {
    struct Bounds: Sendable, Hashable {
        /// nil: for ever.
        var age: Duration?
        /// Of the messages' binary form; nil: any.
        var bytes: Int64?

        var isUnbounded: Bool { age == nil && bytes == nil }
    }

    /// Everything is kept.
    static let unbounded = Retention()

    /// Of channels that have none of their own.
    var general = Bounds()
    var channels: [EndHash: Bounds] = [:]

    var isUnbounded: Bool { general.isUnbounded && channels.values.allSatisfy(\.isUnbounded) }

    /// Whether anything is dropped for its age.
    var hasAge: Bool { shortestAge != nil }

    /// How long a node may have been off before its clock is in doubt: a tenth of what is kept, so that a wrong clock takes
    /// no more than that; a day at most, as nights and restarts are what is usual.
    var downtime: Duration {
        min(max((shortestAge ?? Limits.longestDowntime) / 10, Limits.shortestDowntime), Limits.longestDowntime)
    }

    private var shortestAge: Duration? { ([general] + channels.values).compactMap(\.age).min() }

    /// A channel's own bounds win one by one over the general ones.
    func bounds(of end: EndHash) -> Bounds {
        let own = channels[end] ?? Bounds()
        return Bounds(age: own.age ?? general.age, bytes: own.bytes ?? general.bytes)
    }

    private init() {}

    /// - Parameter rules: `AGE` or `BYTES`, each perhaps after `CHANNEL=`: `90d`, `2GB`, `tweets=500MB`.
    /// - Throws: ``FailureReport`` of status `usage` that names the rule.
    init(_ rules: [String]) throws(FailureReport) {
        for rule in rules {
            // A channel's name may have a "=" in it; an age or a size has none.
            let mark = rule.lastIndex(of: "=")
            let bound = mark.map { String(rule[rule.index(after: $0)...]) } ?? rule
            var parsed = Bounds()
            if let bytes = Retention.bytes(bound) {
                parsed.bytes = bytes
            } else if let age = DurationText.parse(bound), age > .zero, bound.last?.isLetter == true {
                parsed.age = age
            } else {
                throw FailureReport(
                    "--keep '\(SafeText.line(rule))': write how long (90d, 12h) or how much (500MB, 2GB), perhaps after a "
                        + "channel and '='", status: .usage)
            }
            guard let mark else {
                general.merge(parsed)
                continue
            }
            do throws(MessageError) {
                channels[try Channel(String(rule[..<mark])).end, default: Bounds()].merge(parsed)
            } catch {
                throw FailureReport("--keep '\(SafeText.line(rule))': \(error.message)", status: .usage)
            }
        }
    }

    /// `500MB`: a whole number of kB, MB, GB or TB (powers of ten), at least 1 kB.
    private static func bytes(_ text: String) -> Int64? {
        let number = text.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = ["kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000]
        guard let value = Int64(number), value > 0, let unit = units[String(text.dropFirst(number.count))] else {
            return nil
        }
        let (bytes, isTooMuch) = value.multipliedReportingOverflow(by: unit)
        return isTooMuch ? nil : bytes
    }
}

extension Retention.Bounds {
    fileprivate mutating func merge(_ other: Self) {
        age = other.age ?? age
        bytes = other.bytes ?? bytes
    }
}
