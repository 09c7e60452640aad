extension SignedMessage {
    /// Whether the author's time can be: at most 15 minutes ahead of `now`. 2011 messages have none and always pass.
    ///
    /// - Parameter now: the reader's clock, milliseconds since 1970.
    /// - Throws: `at_in_future`, with the number of seconds.
    package func checkTime(now: Int64) throws(MessageError) {
        guard let at else { return }
        let (ahead, overflow) = at.subtractingReportingOverflow(now)
        guard overflow || ahead > MessageLimits.aheadMilliseconds else { return }
        let seconds = overflow ? Int64.max / 1000 : ahead / 1000
        throw MessageError(
            .atInFuture,
            "the author's time is \(seconds) seconds ahead; at most "
                + "\(MessageLimits.aheadMilliseconds / 1000) are accepted: check both clocks")
    }
}
