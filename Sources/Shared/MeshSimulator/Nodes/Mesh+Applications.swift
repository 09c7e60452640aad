import Telehash
import TelehashWire

extension Mesh {
    /// The application of a node listens to these ends and to no others.
    package mutating func tap(_ ends: Set<NodeID>, at number: Int) {
        nodes[number].ends = ends
        guard nodes[number].isUp else { return }
        handle(at: number) { node, now, random, effects in
            node.tap(ends, now: now, using: &random, into: &effects)
        }
    }

    /// The application of a node publishes signals; their `+end` is set to the end's.
    ///
    /// - Returns: the name under which ``progress`` tells what became of it, and the signals as they travel.
    @discardableResult
    package mutating func publish(
        _ signals: [String: String], to end: NodeID, from number: Int, ofGuest: Bool = false
    ) -> (id: PublicationID, signals: Signals) {
        publications += 1
        let id = PublicationID(value: publications)
        let signals = Signals(signals.merging(["+end": end.hex]) { _, end in end })
        if nodes[number].isUp {
            handle(at: number) { node, now, random, effects in
                node.publish(signals, end: end, as: id, ofGuest: ofGuest, now: now, using: &random, into: &effects)
            }
        }
        return (id, signals)
    }

    /// The application of a node looks a place up; the result comes as ``found``.
    package mutating func lookUp(_ target: NodeID, as id: LookupID, from number: Int) {
        guard nodes[number].isUp else { return }
        handle(at: number) { node, now, random, effects in
            node.lookUp(target, as: id, now: now, using: &random, into: &effects)
        }
    }

    /// Hands over what a lookup found and forgets it.
    package mutating func takeFound(_ id: LookupID) -> LookupReport? { found.removeValue(forKey: id) }
}
