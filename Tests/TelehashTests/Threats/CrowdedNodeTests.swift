import MeshTrouble
import Telehash
import TelehashWire
import TestSupport
import Testing

@testable import MeshSimulator

/// A node on which strangers publish more than its neighbours take.
@Suite struct CrowdedNodeTests {
    struct Flood: CustomTestStringConvertible {
        let authors: Int
        let ofGuests: Bool
        var testDescription: String { "\(authors) \(ofGuests ? "guests" : "at the command line")" }
    }

    /// The others stand still for two seconds: 400 messages a second of strangers are published meanwhile, and five of an author
    /// whom the node knows. Then they stand still nine tenths of the time.
    @Test(arguments: [
        Flood(authors: 1, ofGuests: false), Flood(authors: 1, ofGuests: true), Flood(authors: 100_000, ofGuests: true),
    ])
    func knownAuthor_isHeardEverywhere_besideAFlood(_ flood: Flood) {
        var crowd = MeshCrowd(seed: 35, nodes: 6)
        crowd.listen(6)
        let (speaker, others) = (crowd.listeners[0], crowd.listeners.dropFirst())
        func publish(_ text: String, by author: String, ofGuest: Bool = false) -> Signals {
            crowd.mesh.publish(
                ["+key": author, "+message": text], to: MeshCrowd.wall, from: speaker, ofGuest: ofGuest
            ).signals
        }
        var said: [Signals] = []
        var count = 0
        func stand(still seconds: Double) {
            for other in others { crowd.mesh.freeze(other) }
            for _ in 0..<Int(seconds * 400) {
                count += 1
                _ = publish("\(count)", by: "stranger \(count % flood.authors)", ofGuest: flood.ofGuests)
                if count % 80 == 0 { said.append(publish("known \(count)", by: "known")) }
                crowd.mesh.run(for: .microseconds(2_500))
            }
            for other in others { crowd.mesh.thaw(other) }
        }
        stand(still: 2)
        crowd.mesh.run(for: .seconds(1))
        for _ in 0..<ThreatScale.count(10, full: 100) {
            stand(still: 0.9)
            crowd.mesh.run(for: .milliseconds(100))
        }
        crowd.mesh.run(for: .seconds(8))
        let known = crowd.mesh.deliveries.filter { $0.delivery.signals["+key"] == "known" }
        let came = Set(known.map { "\($0.node) \($0.delivery.signals["+message"] ?? "")" }).count
        ThreatScale.report("flood of \(flood.testDescription): \(came) of \(said.count * others.count) came")
        #expect(came == said.count * others.count)
    }
}
