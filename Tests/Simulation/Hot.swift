import ArgumentParser
import Foundation
import MeshTrouble

/// One channel with more subscribers than its closest switches serve.
struct Hot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A channel with many subscribers: who hears what, when, and what it costs each switch.")

    @Option var nodes = 20_000
    @Option(help: "All of the nodes but the first if there are not more.") var subscribers = 20_000
    @Option(help: "Tappers that one switch serves.") var tapsPerEnd = 32
    @Option(help: "Hosts that each subscriber wants to be served by.") var parents = 3
    @Option(help: "Percent.") var loss = 2.0
    @Option(help: "One way, in milliseconds.") var delay = 100
    @Option var messages = 20
    @Option(help: "Nodes that join in a second, and subscribers that begin to listen.") var arrivals = 200
    @Option(help: "Seconds between the last subscriber and the first message.") var settling = 90
    @Option(help: "Percent of the subscribers that serve others, which die before the second half of the messages.")
    var dying = 0.0
    @Option var seed: UInt64 = 1

    func run() throws {
        var channel = HotChannel()
        channel.nodes = nodes
        channel.subscribers = min(subscribers, nodes - 1)
        channel.tapsPerEnd = tapsPerEnd
        channel.parentsWanted = parents
        channel.loss = loss / 100
        channel.delay = .milliseconds(delay)
        channel.messages = messages
        channel.arrivalsPerSecond = arrivals
        channel.settling = .seconds(settling)
        channel.dyingInnerSwitches = dying / 100
        channel.seed = seed
        let start = Date()
        let report = channel.run { note("\($0), \(Int(Date().timeIntervalSince(start))) s") }
        let seconds = Date().timeIntervalSince(start)
        print(report, terminator: "")
        print("wall: \(Int(seconds)) s")
        // A mesh with deaths in it has no goal: the first message after them shows what is lost.
        guard dying == 0 else { return }
        let isGood =
            report.deliveredRatio >= 0.999 && report.largestCopies <= 64 && report.latencyP99 < .seconds(2)
            && report.violations.isEmpty
        print(isGood ? "all goals are met" : "MISSED: delivered 0.999, copies 64, p99 2 s, no violation")
        if !isGood { throw ExitCode.failure }
    }
}
