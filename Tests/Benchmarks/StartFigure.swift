import TestSupport

extension Benchmark {
    /// From the start of `p2pmsg up` on an empty directory until the page has been read.
    static let start = Benchmark(name: "start") {
        var times: [Double] = []
        for _ in 0..<9 {
            let begin = ContinuousClock.now
            let node = try await TestNode.start()
            guard try await node.http.get("/tweets").status == 200 else { throw NotInTime("the page does not answer") }
            times.append((ContinuousClock.now - begin).milliseconds)
            _ = try await node.stop()
        }
        let samples = Samples(times)
        return [
            Figure(
                what: "p2pmsg up to page answering, empty store", goal: "≤ 1000 ms",
                measured: "\(samples.median.short) ms", isMet: samples.median <= 1_000,
                how: "median of \(times.count), largest \(samples.largest.short)")
        ]
    }
}
