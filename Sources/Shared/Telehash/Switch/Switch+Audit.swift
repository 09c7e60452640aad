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

    /// The rules that are broken, none in a faultless switch. Costs as much as there are lines.
    public func audit() -> [Excess] {
        var broken: [Excess] = []
        func check(_ rule: String, _ value: Int, atMost limit: Int) {
            if value > limit { broken.append(Excess(rule: rule, peer: nil, value: value, limit: limit)) }
        }
        check("ringing lines", lines.ringing.count, atMost: limits.unprovenLines)
        check("proven lines", lines.proven.count, atMost: limits.provenLines)
        check("taps of others", taps.count, atMost: lines.proven.count)
        check("relayed signals remembered", relayed.count, atMost: limits.rememberedSignals)
        check("delivered signals remembered", delivered.count, atMost: limits.rememberedSignals)
        check("publications open", publications.count, atMost: limits.openPublications)
        check("lookups running", lookups.running.count, atMost: limits.lookups)
        check("lookups waiting", lookups.waitingCount, atMost: limits.lookupQueue)
        check("dials waiting", dialler.waitingCount, atMost: limits.dialQueue)
        check("dialled hosts remembered", dialler.hostCount, atMost: limits.dialledIPs)
        check("greeted addresses remembered", pops.count, atMost: limits.popTargets)
        check("rung addresses remembered", bareTaps.count, atMost: limits.bareTaps)
        check("closest sets remembered", closest.count, atMost: limits.closestSets)
        check("switches to begin again with", known.endpoints.count, atMost: limits.knownSwitches)
        check("mirrors", mirrors.count, atMost: Switch.mirrorsKept)
        for lookup in lookups.running {
            check("candidates of a lookup", lookup.candidates.count, atMost: limits.lookupCandidates)
        }
        for hosted in hosted.ends.values {
            check("tappers of an end that can be sent on", hosted.children.count, atMost: limits.copiesPerSignal)
        }
        for tree in parents.values {
            check("hosts of a tree remembered", tree.hosts.count, atMost: limits.treeHosts)
            check("candidates of a tree", tree.candidates.count, atMost: limits.treeCandidates)
        }
        let fullest = buckets.fullest
        check("entries of a bucket", fullest.entries, atMost: limits.k)
        check("replacements of a bucket", fullest.replacements, atMost: limits.replacements)
        for peer in lines.proven { audit(peer.slot, into: &broken) }
        for slot in lines.ringing { audit(slot, into: &broken) }
        check("switches of one host in a closest set", mostOfOneHost(near: place), atMost: 1)
        for end in ownTaps.ordered.prefix(1) {
            check("switches of one host in a closest set", mostOfOneHost(near: end), atMost: 1)
        }
        return broken
    }

    private func audit(_ slot: Int, into broken: inout [Excess]) {
        func check(_ rule: String, _ value: Int, atMost limit: Int) {
            guard value > limit else { return }
            broken.append(Excess(rule: rule, peer: lines.slots[slot].endpoint, value: value, limit: limit))
        }
        let stranger = lines.slots[slot].strangerBytes
        check(
            "bytes to an unproven address", Int(stranger.sent),
            atMost: limits.strangerFactor * Int(stranger.received))
        check("unacknowledged bytes", lines.slots[slot].window.inFlight ?? 0, atMost: limits.unacknowledgedBytes)
        check("telexes waiting for a line", lines.slots[slot].queue.count, atMost: limits.queuedTelexes)
        check("bytes waiting for a line", lines.slots[slot].queue.byteCount, atMost: limits.queuedBytes)
        check("questions on a line", lines.slots[slot].deliveries.questionCount, atMost: limits.questionsPerLine)
        check("copies on a line", lines.slots[slot].deliveries.copyCount, atMost: limits.handOversPerLine)
    }

    /// How many switches of one public address stand in the closest set of a place.
    private func mostOfOneHost(near place: NodeID) -> Int {
        let near = lines.closestSwitches(to: place, count: limits.k).map { lines.slots[$0].endpoint }
        return near.map { one in near.count { $0 == one || AddressDiversity.areTheSameHost($0, one) } }.max() ?? 0
    }
}

extension Limits {
    /// Bytes that may be unreported on one line: the window, which is checked before a telex and not after it, so one
    /// more; probes pass it up to ``probeWindow``, reports and keepalives up to ``reportWindow``.
    var unacknowledgedBytes: Int {
        reportWindow + WireLimits.originatedBytes
    }
}
