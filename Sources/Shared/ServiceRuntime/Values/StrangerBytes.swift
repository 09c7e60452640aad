/// What `--keep-strangers` says.
package struct StrangerBytes: Hashable, Sendable {
    /// nil: any.
    package let bytes: Int64?

    package init(bytes: Int64?) { self.bytes = bytes }

    /// - Throws: what is expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> StrangerBytes {
        if text == "none" { return StrangerBytes(bytes: nil) }
        return StrangerBytes(bytes: try KeepRule.bytes(text).orExpected("how much (500MB, 2GB), or none for no bound"))
    }
}

/// What `--stranger-rate` says.
package struct StrangerRate: Hashable, Sendable {
    /// The burst is that of one of them; nil: no bound.
    package let rate: Rate?

    package init(rate: Rate?) { self.rate = rate }

    /// - Throws: what is expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> StrangerRate {
        if text == "off" { return StrangerRate(rate: nil) }
        let rate = text.contains("/") ? Rate(text) : nil
        return StrangerRate(
            rate: try rate.orExpected(
                "messages a second of all of them together and how many at once of one, as in 200/20, or off"))
    }
}
