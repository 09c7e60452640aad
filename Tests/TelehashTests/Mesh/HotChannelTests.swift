import Foundation
import MeshSimulator
import Testing

/// Channels with more subscribers than their closest switches serve.
@Suite struct HotChannelTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["HOT_CHANNEL"] != nil))
    func experiment() {
        var channel = HotChannel()
        let words = ProcessInfo.processInfo.environment["HOT_CHANNEL"]?.split(separator: ",").map(String.init) ?? []
        for word in words {
            let pair = word.split(separator: "=")
            switch pair[0] {
            case "nodes": channel.nodes = Int(pair[1])!
            case "subs": channel.subscribers = Int(pair[1])!
            case "taps": channel.tapsPerEnd = Int(pair[1])!
            case "loss": channel.loss = Double(pair[1])!
            case "seed": channel.seed = UInt64(pair[1])!
            case "dying": channel.dyingInnerSwitches = Double(pair[1])!
            case "rate": channel.arrivalsPerSecond = Int(pair[1])!
            case "settle": channel.settling = .seconds(Int(pair[1])!)
            case "messages": channel.messages = Int(pair[1])!
            default: break
            }
        }
        let start = Date()
        let report = channel.run { print($0, "(\(Int(Date().timeIntervalSince(start))) s)"); fflush(nil) }
        print(report)
    }
}
