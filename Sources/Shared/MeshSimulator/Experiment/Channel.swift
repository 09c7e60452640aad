import Telehash
import TelehashWire

/// The end at which an experiment publishes: who speaks there, who listens, and what became of the messages.
package struct Channel: Sendable {
    package static let end = NodeID(sha1Of: "experiment")

    private struct Message: Sendable {
        let publisher: Int
        let at: Instant
        var arrivals: [Int: Instant] = [:]
    }

    /// Numbers of the publishers.
    package var publishers: [Int] = []
    /// Numbers of the subscribers, and since when they listen.
    package var subscribers: [Int: Instant] = [:]
    private var open: [Int: Message] = [:]
    private var published = 0
    private var expected = 0
    private var delivered = 0
    private var copies = 0
    private var maxCopiesSent = 0
    /// Nanoseconds.
    private var latencies: [Int64] = []

    package init() {}

    /// A newcomer does what somebody did who left.
    package mutating func replace(_ number: Int, by newcomer: Int, now: Instant) {
        if let place = publishers.firstIndex(of: number) { publishers[place] = newcomer }
        if subscribers.removeValue(forKey: number) != nil { subscribers[newcomer] = now }
    }

    /// Begins to follow a message.
    mutating func publish(_ number: Int, from publisher: Int, now: Instant) {
        published += 1
        open[number] = Message(publisher: publisher, at: now)
    }

    mutating func took(_ delivery: MeshDelivery) {
        guard let text = delivery.delivery.signals["+message"], let number = CopyLedger.message(in: Array(text.utf8)),
            open[number]?.arrivals[delivery.node] == nil
        else { return }
        open[number]?.arrivals[delivery.node] = delivery.time
    }

    mutating func judge(_ number: Int, _ ledger: CopyLedger.Copies, isUp: (Int) -> Bool) {
        guard let message = open.removeValue(forKey: number) else { return }
        maxCopiesSent = max(maxCopiesSent, ledger.sent.values.max() ?? 0)
        for (subscriber, since) in subscribers where subscriber != message.publisher && isUp(subscriber) {
            guard since.duration(to: message.at) >= MeshExperiment.subscriptionTime else { continue }
            expected += 1
            guard let arrival = message.arrivals[subscriber] else { continue }
            delivered += 1
            copies += ledger.received[subscriber] ?? 0
            latencies.append(arrival.nanoseconds(since: message.at))
        }
    }

    func write(into report: inout MeshReport) {
        report.published = published
        report.maxCopiesSent = maxCopiesSent
        guard expected > 0 else { return }
        report.deliveredRatio = Double(delivered) / Double(expected)
        guard delivered > 0 else { return }
        report.duplicatesMean = Double(copies - delivered) / Double(delivered)
        let sorted = latencies.sorted()
        func quantile(_ share: Double) -> Double {
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return Double(sorted[min(max(rank, 1), sorted.count) - 1]) / 1e6
        }
        report.latencyMedian = quantile(0.5)
        report.latencyTail = quantile(0.99)
    }
}

extension MeshExperiment {
    /// Draws the publishers and the subscribers, who tap the end at once. Nobody is both unless there are too few.
    mutating func chooseSpeakers() {
        let drawn = living.sorted().shuffled(using: &random)
        for number in drawn.prefix(parameters.subscribers) {
            channel.subscribers[number] = mesh.now
            mesh.tap([Channel.end], at: number)
        }
        channel.publishers = Array(drawn.suffix(parameters.publishers))
    }

    mutating func publish(from place: Int) {
        let publisher = channel.publishers[place]
        guard mesh.isUp(publisher) else { return }
        messagesBegun += 1
        let number = messagesBegun
        channel.publish(number, from: publisher, now: mesh.now)
        mesh.copies.open(number)
        mesh.publish(["+key": "k\(place)", "+message": CopyLedger.text(of: number)], to: Channel.end, from: publisher)
        agenda.plan(.judgeMessage(number), at: mesh.now + MeshExperiment.deliveryTime)
    }

    mutating func judgeMessage(_ number: Int) {
        let copies = mesh.copies.close(number)
        channel.judge(number, copies) { mesh.isUp($0) }
    }
}
