/// What `--visitor-rate` says; without a rate there is no limit.
package struct VisitorRate: Hashable, Sendable {
    package let rate: Rate?

    package init(rate: Rate?) { self.rate = rate }

    /// - Throws: what is expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> VisitorRate {
        if text == "off" { return VisitorRate(rate: nil) }
        return VisitorRate(
            rate: try Rate(text).orExpected(
                "messages a second and how many at once, as in 0.2/30 (of one number, 10 times as many are at once), or off"
            ))
    }
}
