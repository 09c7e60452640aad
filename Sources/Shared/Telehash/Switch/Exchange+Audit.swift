import TelehashWire

// What holds in every switch at every moment, whatever the network and its peers do. Simulations and tests ask after
// every event; asking changes nothing.
extension Switch {
    /// A rule that is broken.
    public struct Excess: Sendable {
        /// Which rule, by a name that is always the same.
        public let rule: String
        /// The address that it concerns, if it is about one.
        public let peer: Endpoint?
        /// By the rule's own measure: bytes, or entries of a table.
        public let value: Int
        public let limit: Int
    }
}

extension Exchange {
    /// See ``Switch/audit()``.
    func audit() -> [Switch.Excess] {
        var broken: [Switch.Excess] = []
        func check(_ rule: String, _ value: Int, atMost limit: Int) {
            if value > limit { broken.append(Switch.Excess(rule: rule, peer: nil, value: value, limit: limit)) }
        }
        for table in tables { check(table.name, table.count, atMost: table.limit) }
        check("taps of others", taps.count, atMost: lines.proven.count)
        check("dialled hosts remembered", routing.dialler.hostCount, atMost: limits.routing.dialledIPs)
        check("greeted addresses remembered", routing.greeted.count, atMost: limits.routing.popTargets)
        check("rung addresses remembered", lines.bareTaps.count, atMost: limits.lines.bareTaps)
        check("bringers of forgeries remembered", forgeries.count.bringers, atMost: limits.exchange.conductsRemembered)
        check("authors remembered", forgeries.count.authors, atMost: limits.exchange.authorsRemembered)
        check("forgeries remembered", forgeries.count.forged, atMost: limits.exchange.rememberedSignals)
        check(
            "bytes waiting for lines", lines.queuedBytes,
            atMost: limits.lines.queuedBytesOfAll + limits.lines.provenLines * limits.lines.queuedBytesOfCrowd)
        check("signals that are not judged yet", undecided.count, atMost: limits.exchange.undecidedSignals)
        check("signals to be judged", forgeries.count.held, atMost: limits.exchange.heldSignals)
        for budget in [lines.strangers, lines.requests, lines.strangerSignals] {
            check("strangers remembered", budget.count, atMost: limits.lines.strangersKnown)
        }
        check("closest sets remembered", routing.closest.sets.count, atMost: limits.routing.closestSets)
        check("switches to begin again with", routing.known.endpoints.count, atMost: limits.routing.knownSwitches)
        check("mirrors", routing.mirrors.count, atMost: Routing.mirrorsKept)
        for lookup in routing.lookups.running {
            check("candidates of a lookup", lookup.candidates.count, atMost: limits.routing.lookupCandidates)
        }
        for hosted in trees.hosted.ends.values {
            check(
                "tappers of an end that can be sent on", hosted.children.count, atMost: limits.exchange.copiesPerSignal)
        }
        for tree in trees.parents.values {
            check("hosts of a tree remembered", tree.hosts.count, atMost: limits.trees.treeHosts)
            check("candidates of a tree", tree.candidates.count, atMost: limits.trees.treeCandidates)
        }
        let fullest = routing.buckets.fullest
        check("entries of a bucket", fullest.entries, atMost: limits.routing.k)
        check("replacements of a bucket", fullest.replacements, atMost: limits.routing.replacements)
        for peer in lines.proven { audit(peer.slot, into: &broken) }
        for slot in lines.ringing { audit(slot, into: &broken) }
        check("switches of one host in a closest set", mostOfOneHost(near: routing.place), atMost: 1)
        for end in ownTaps.ordered.prefix(1) {
            check("switches of one host in a closest set", mostOfOneHost(near: end), atMost: 1)
        }
        return broken
    }

    private func audit(_ slot: Int, into broken: inout [Switch.Excess]) {
        func check(_ rule: String, _ value: Int, atMost limit: Int) {
            guard value > limit else { return }
            broken.append(Switch.Excess(rule: rule, peer: lines[slot].endpoint, value: value, limit: limit))
        }
        let stranger = lines[slot].strangerBytes
        check(
            "bytes to an unproven address", Int(stranger.sent),
            atMost: limits.lines.strangerFactor * Int(stranger.received))
        check("unacknowledged bytes", lines[slot].window.inFlight ?? 0, atMost: limits.unacknowledgedBytes)
        check("telexes waiting for a line", lines[slot].queue.count, atMost: limits.lines.queuedTelexes)
        check("bytes waiting for a line", Int(lines[slot].queue.byteCount), atMost: limits.lines.queuedBytes)
        // Each publication once, some of which were over sooner.
        check("copies put off on a line", lines.putOff[slot]?.count ?? 0, atMost: 2 * limits.exchange.openPublications)
        check("questions on a line", lines[slot].deliveries.questions.count, atMost: limits.lines.questionsPerLine)
        check("copies on a line", lines[slot].deliveries.waiting.count, atMost: limits.lines.handOversPerLine)
    }

    /// How many switches of one public address stand in the closest set of a place.
    private func mostOfOneHost(near place: NodeID) -> Int {
        let near = lines.closestSwitches(to: place, count: limits.routing.k).map { lines[$0].endpoint }
        return near.map { one in near.count { AddressDiversity.areTheSameHost($0, one) } }.max() ?? 0
    }
}
