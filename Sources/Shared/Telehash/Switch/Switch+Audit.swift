// What holds in every switch at every moment, whatever the network and its peers do. Simulations and tests ask after
// every event; asking changes nothing.
extension Switch {
    /// A rule that is broken.
    public struct Excess: Sendable, CustomStringConvertible {
        /// Which rule.
        public let rule: String
        /// By the rule's own measure: bytes, or entries of a table.
        public let value: Int
        public let limit: Int

        public var description: String { "\(rule): \(value), at most \(limit)" }
    }

    /// The rules that are broken, none in a faultless switch. Costs as much as there are lines.
    public func audit() -> [Excess] {
        var broken: [Excess] = []
        func check(_ rule: @autoclosure () -> String, _ value: Int, atMost limit: Int) {
            if value > limit { broken.append(Excess(rule: rule(), value: value, limit: limit)) }
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
        check("closest sets remembered", closest.count, atMost: limits.closestSets)
        check("switches to begin again with", known.endpoints.count, atMost: limits.knownSwitches)
        check("mirrors", mirrors.count, atMost: Switch.mirrorsKept)
        for lookup in lookups.running {
            check("candidates of a lookup", lookup.candidates.count, atMost: limits.lookupCandidates)
        }
        let fullest = buckets.fullest
        check("entries of a bucket", fullest.entries, atMost: limits.k)
        check("replacements of a bucket", fullest.replacements, atMost: limits.replacements)
        for slot in lines.proven { audit(slot, check) }
        for slot in lines.ringing { audit(slot, check) }
        check("switches of one host in a closest set", mostOfOneHost(near: place), atMost: 1)
        for end in ownTaps.ordered.prefix(1) {
            check("switches of one host in a closest set", mostOfOneHost(near: end), atMost: 1)
        }
        return broken
    }

    private func audit(_ slot: Int, _ check: (@autoclosure () -> String, Int, Int) -> Void) {
        let endpoint = lines.slots[slot].endpoint
        let stranger = lines.slots[slot].strangerBytes
        check("bytes to the unproven \(endpoint)", stranger.sent, limits.strangerFactor * stranger.received)
        check(
            "unacknowledged bytes to \(endpoint)", lines.slots[slot].window.inFlight ?? 0,
            limits.unacknowledgedBytes)
        check("telexes waiting for \(endpoint)", lines.slots[slot].queue.count, limits.queuedTelexes)
        check("bytes waiting for \(endpoint)", lines.slots[slot].queue.byteCount, limits.queuedBytes)
        check("questions to \(endpoint)", lines.slots[slot].deliveries.questionCount, limits.questionsPerLine)
        check("copies on the line to \(endpoint)", lines.slots[slot].deliveries.copyCount, limits.handOversPerLine)
    }

    /// How many switches of one public address stand in the closest set of a place.
    private func mostOfOneHost(near place: NodeID) -> Int {
        let near = lines.closestSwitches(to: place, count: limits.k).map { lines.slots[$0].endpoint }
        return near.map { one in near.count { $0 == one || AddressDiversity.areTheSameHost($0, one) } }.max() ?? 0
    }
}

extension Limits {
    /// Bytes that may be unreported on one line: the window, which is checked before a telex and not after it, so one
    /// more; probes pass it up to ``probeWindow``; and a keepalive goes out whatever is unreported, because a line that
    /// says nothing dies.
    var unacknowledgedBytes: Int {
        max(sendWindow, probeWindow) + WireLimits.relayedBytes + WireLimits.originatedBytes
    }
}
