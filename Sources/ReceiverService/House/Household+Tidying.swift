import ReceiverStore

/// What a store needs now and then, beside the work: interrupted rules finished, old messages dropped. Several receivers
/// of one store may do it at the same time; what one has done, the other finds done.
extension Household {
    /// Until the task is cancelled.
    func keepTidy() async {
        await attempt("rules_failures") { try store.finishRules() }
        while !Task.isCancelled {
            await tidy()
            try? await Task.sleep(for: Limits.retentionPause)
        }
    }

    /// One look at what is too old or too much.
    func tidy() async {
        await attempt("retention_failures") {
            let now = clock()
            let believed = admission.clocks.believes(now) ? now : nil
            if let believed, retention.hasAge { try remember(believed) }
            try forewarn(believed)
            try tellOfSpared(believed)
            let dropped = try store.prune(retention, now: believed)
            guard dropped > 0 else { return }
            counters.add("messages_expired", UInt64(dropped))
            logger.info("old messages were dropped", metadata: ["messages": "\(dropped)"])
        }
    }

    /// So that the next start knows how long the node was off. Not at each look, but often enough for that.
    private func remember(_ now: Int64) throws(StoreError) {
        let before = try store.knownTimes().believed
        if let before, before >= now - retention.downtime.wholeMilliseconds / 4 { return }
        try store.believe(now)
    }

    /// Much at once may be a mistake in a setting: the log has it before it is done.
    private func forewarn(_ now: Int64?) throws(StoreError) {
        guard !retention.isUnbounded else { return }
        let forecast = try store.pruneForecast(retention, now: now)
        guard forecast.dropped * Limits.partOfStore > forecast.all else { return }
        logger.notice(
            "about to drop more than a tenth of the store, as it is older or more than --keep says",
            metadata: ["messages": "\(forecast.dropped)", "of": "\(forecast.all)"])
    }

    /// After an upgrade an operator has a day to see what the bound of strangers is going to take.
    private func tellOfSpared(_ now: Int64?) throws(StoreError) {
        guard !board.isSparingTold else { return }
        let count = try store.sparedMessages(retention, now: now)
        guard count > 0 else { return }
        board.isSparingTold = true
        logger.warning(
            "strangers hold more than --keep-strangers says: a day after the upgrade the oldest of those who hold most go",
            metadata: ["messages": "\(count)"])
    }

    /// What fails (the disk is full, the store locked) is tried again in the next round.
    private func attempt(_ counter: String, _ body: @escaping @Sendable () throws -> Void) async {
        do {
            try await tidying.run(body)
        } catch {
            counters.add(counter)
            logger.warning("the store could not be tidied up", metadata: ["because": "\(error)"])
        }
    }
}
