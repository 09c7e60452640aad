import TestSupport

extension Benchmark {
    /// From the call on A until the event has been read from B's live events, one message at a time.
    static let mesh = Benchmark(name: "mesh") {
        let a = try await TestNode.start()
        let b = try await TestNode.start(seeds: [a])
        try await eventually("B has a proven line", within: .seconds(10)) {
            try await b.status()["lines"]["proven"].int ?? 0 > 0
        }
        var events = try await b.http.events("/events")
        let writer = try Writer(a)
        // The first message that arrives shows that taps are in place.
        try await eventually("B hears A", within: .seconds(20)) {
            let message = try writer.message("warm \(ContinuousClock.now)")
            try await writer.send(message)
            if await events.first(within: .seconds(1), where: { $0.data.contains(message.id.hex) }) != nil {
                return true
            }
            // The renderer ends its streams when it meets a store for the first time.
            if !events.isOpen { events = try await b.http.events("/events") }
            return false
        }
        var times: [Double] = []
        for message in try writer.messages(600, "across") {
            let from = events.count
            let id = message.id.hex
            let begin = ContinuousClock.now
            async let receipt: Void = writer.send(message)
            let heard = await events.first(from: from, within: .seconds(5)) { $0.data.contains(id) }
            guard heard != nil else { throw NotInTime("message \(times.count) never arrived at B") }
            times.append((ContinuousClock.now - begin).milliseconds)
            try await receipt
            // More in a second would be counted there, not told one by one.
            try await letTimePass(.milliseconds(110))
        }
        await writer.client.close()
        _ = try await b.stop()
        _ = try await a.stop()
        let samples = Samples(times)
        return [
            Figure(
                what: "send on A to event on B's /events, p50 / p99", goal: "≤ 15 / 50 ms",
                measured: "\(samples.median.short) / \(samples.quantile(0.99).short) ms",
                isMet: samples.median <= 15 && samples.quantile(0.99) <= 50,
                how: "\(times.count) messages, one at a time")
        ]
    }
}
