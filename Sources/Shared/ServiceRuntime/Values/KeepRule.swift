/// One rule of `--keep`: how long, or how much of, messages are kept.
package struct KeepRule: Hashable, Sendable {
    package enum Bound: Hashable, Sendable {
        case age(Duration)
        /// Of the messages' binary form.
        case bytes(Int64)
    }

    /// The channel that it is for, as it was written; nil: all that have no rule of their own.
    package let channel: String?
    package let bound: Bound

    /// - Parameter rule: `AGE` or `BYTES`, perhaps after `CHANNEL=`: `90d`, `2GB`, `tweets=500MB`.
    /// - Throws: what is expected.
    package init(_ rule: String) throws(FailureReport) {
        // A channel's name may have a "=" in it; an age or a size has none.
        let mark = rule.lastIndex(of: "=")
        let text = mark.map { String(rule[rule.index(after: $0)...]) } ?? rule
        if let bytes = KeepRule.bytes(text) {
            bound = .bytes(bytes)
        } else if let age = DurationText.parse(text), age > .zero, text.last?.isLetter == true {
            bound = .age(age)
        } else {
            throw FailureReport(
                "expected how long (90d, 12h) or how much (500MB, 2GB), perhaps after a channel and '='", status: .usage
            )
        }
        channel = mark.map { String(rule[..<$0]) }
    }

    /// `500MB`: a whole number of kB, MB, GB or TB (powers of ten), at least 1 kB.
    package static func bytes(_ text: String) -> Int64? {
        let number = text.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = ["kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000]
        guard let value = Int64(number), value > 0, let unit = units[String(text.dropFirst(number.count))] else {
            return nil
        }
        let (bytes, isTooMuch) = value.multipliedReportingOverflow(by: unit)
        return isTooMuch ? nil : bytes
    }
}
