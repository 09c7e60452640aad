import TestSupport

extension Benchmark {
    /// One message after the other on one node: from the call until the receipt of its durable commit is here.
    static let send = Benchmark(name: "send") {
        let node = try await TestNode.start()
        let writer = try Writer(node)
        try await writer.send(try writer.messages(200, "warm"), inFlight: 1)
        var times: [Double] = []
        for message in try writer.messages(3_000, "sequential") {
            let begin = ContinuousClock.now
            try await writer.send(message)
            times.append((ContinuousClock.now - begin).milliseconds)
        }
        var commands: [Double] = []
        for index in 0..<21 {
            let sent = try await node.cli(["send", "from the command line \(index)"])
            guard sent.status == 0 else { throw NotInTime("send failed: \(sent.errorText)") }
            commands.append(sent.duration.milliseconds)
        }
        await writer.client.close()
        _ = try await node.stop()
        let samples = Samples(times)
        let command = Samples(commands)
        return [
            Figure(
                what: "send to receipt after durable commit, sequential, p50 / p99", goal: "≤ 5 / 25 ms",
                measured: "\(samples.median.short) / \(samples.quantile(0.99).short) ms",
                isMet: samples.median <= 5 && samples.quantile(0.99) <= 25, how: "\(times.count) sends by one client"),
            Figure(
                what: "the command p2pmsg send, start to end", goal: "≤ 1000 ms",
                measured: "\(command.median.short) ms", isMet: command.largest <= 1_000,
                how: "median of \(commands.count), largest \(command.largest.short)"),
        ]
    }
}
