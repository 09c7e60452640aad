import TelehashWire

// Taps that peers hold here, and where those are sent that find no place: the host's side of trees of tappers.
extension Switch {
    private enum Place {
        case held
        /// No place; the peer is told of others.
        case sentOn
        /// No place, and nothing that the peer would understand.
        case refused
    }

    /// Takes a peer's tap, which replaces its earlier one. Rules for whose end there is no place are left out.
    mutating func takeTap(
        _ rules: [TapRule], of telex: Telex, from slot: Int, _ event: inout Event<some RandomNumberGenerator>
    ) {
        let marks = TreeMarks(of: telex)
        if marks != nil { lines.slots[slot].speaksOfTrees = true }
        var held: [TapRule] = []
        var sentOn: [String] = []
        var told: [String] = []
        for (number, rule) in rules.enumerated() {
            guard taps.rules(of: slot).contains(rule) || taps.hasRoom(for: rule, limits: limits) else {
                counters.add(.tapRulesCrowded)
                continue
            }
            guard let end = rule.channel else {
                held.append(rule)
                continue
            }
            switch place(for: slot, at: end, mark: marks?[number], &event) {
            case .held:
                held.append(rule)
                if let mark = marks?[number], isTree(end, event.now), mark.isInTree || level(of: end, &event) > 0 {
                    told.append(end)
                }
            case .sentOn: sentOn.append(end)
            case .refused: continue
            }
        }
        hosted.dismiss(slot, besides: Set(held.compactMap(\.channel)), held: taps.rules(of: slot))
        taps.replace(slot, with: held)
        for end in sentOn { sendOn(slot, from: end, &event) }
        for end in told { tellLevel(of: end, to: slot, &event) }
        meetChild(slot, at: held.compactMap(\.channel), &event)
    }

    /// Asks a child that may have to serve others who is near the end: only its answer shows that it is a full switch,
    /// and before that nobody can be sent on to it.
    private mutating func meetChild(
        _ slot: Int, at ends: [String], _ event: inout Event<some RandomNumberGenerator>
    ) {
        for end in ends {
            guard !lines.slots[slot].isSwitch, hosted.serves(slot, at: end), let place = NodeID(hex: end) else {
                continue
            }
            guard isTree(end, event.now) || hosted.count(end) * 2 >= limits.tapsPerEnd else { continue }
            guard level(of: end, &event) + 1 < limits.treeDepth else { continue }
            _ = ask(slot, for: place, &event)
            return
        }
    }

    /// Whether the peer may hold a tap for an end, and if so, in whose place.
    private mutating func place(
        for slot: Int, at end: String, mark: TreeMark?, _ event: inout Event<some RandomNumberGenerator>
    ) -> Place {
        guard let mark else { return placeOf2011(for: slot, at: end) }
        if mark.isInTree { noteOwnTree(end, &event) }
        let isNew = !hosted.serves(slot, at: end)
        let isInTree = mark.isInTree || isTree(end, event.now)
        if isNew, isInTree, level(of: end, &event) >= limits.treeDepth { return .sentOn }
        if isNew, hosted.count(end) >= limits.tapsPerEnd {
            hosted.noteTree(end, now: event.now)
            guard makeRoom(at: end, for: slot, mark, &event) else { return .sentOn }
        }
        hosted.admit(slot, to: end, mark: mark)
        if mark.isInTree { hosted.noteTree(end, now: event.now) }
        return .held
    }

    /// Switches of 2011 can't be sent on: they are served above the limit, up to one of their own.
    private mutating func placeOf2011(for slot: Int, at end: String) -> Place {
        if taps.rules(of: slot).contains(where: { $0.channel == end }) { return .held }
        guard taps.count(of: end) - hosted.count(end) < limits.tapsOf2011PerEnd else {
            counters.add(.tapsRefused)
            return .refused
        }
        return .held
    }

    /// Finds a place at a full end: that of a child with more other parents, or one more where nobody could be named.
    private mutating func makeRoom(
        at end: String, for slot: Int, _ mark: TreeMark, _ event: inout Event<some RandomNumberGenerator>
    ) -> Bool {
        let level = level(of: end, &event)
        let named = recommended(for: slot, at: end, level: level, &event)
        let isBetween = level > 0 && level < limits.treeDepth - 1
        // As long as there is room further down, branches in between stay as they are.
        let hasRoomBelow = isBetween && named.contains { (hosted[end].children[$0]?.children ?? 0) < limits.tapsPerEnd }
        // Each tapper of a root comes to be served by two of them: it relays what only one was sent. Further down
        // nobody is to lose a parent before others have two less.
        let victim = hosted.victim(
            of: end, for: mark, lead: level == 0 ? 1 : 2, outsiders: hasRoomBelow, limits: limits, using: &event.random)
        if let victim {
            dismiss(victim, from: end, &event)
            return true
        }
        // What we say ourselves goes to the closest switches besides.
        let most = max(limits.tapsPerEnd, limits.copiesPerSignal - limits.k)
        return level == 0 && hosted.count(end) < most && named.isEmpty
    }

    /// Takes a child's place away and sends it on.
    private mutating func dismiss(_ slot: Int, from end: String, _ event: inout Event<some RandomNumberGenerator>) {
        counters.add(.tapsDisplaced)
        hosted.dismiss(slot, from: end)
        taps.replace(slot, with: taps.rules(of: slot).filter { $0.channel != end })
        sendOn(slot, from: end, &event)
    }

    /// Tells a peer that its tap is not held, and who may hold it. Only proven peers that tapped the end get this, one
    /// telex for one of theirs that was longer than a line.
    private mutating func sendOn(_ slot: Int, from end: String, _ event: inout Event<some RandomNumberGenerator>) {
        guard let place = NodeID(hex: end), redirects.take(now: event.now) else { return counters.add(.redirectRate) }
        let level = level(of: end, &event)
        let named = recommended(for: slot, at: end, level: level, &event)
        var writer = beginTelex(on: slot, naming: named.map { lines.slots[$0].endpoint }, capacity: 512)
        writer.field(TreeNotice(end: place, level: level).field)
        sendIfAdmitted(writer.finish(), on: slot, as: .tapsSentOn, &event)
    }

    private mutating func tellLevel(of end: String, to slot: Int, _ event: inout Event<some RandomNumberGenerator>) {
        guard let place = NodeID(hex: end), redirects.take(now: event.now) else { return counters.add(.redirectRate) }
        var writer = beginTelex(on: slot)
        writer.field(TreeNotice(end: place, level: level(of: end, &event)).field)
        sendIfAdmitted(writer.finish(), on: slot, as: .levelsTold, &event)
    }

    private mutating func sendIfAdmitted(
        _ datagram: [UInt8], on slot: Int, as counter: Counter, _ event: inout Event<some RandomNumberGenerator>
    ) {
        guard lines.slots[slot].window.admits(datagram.count, now: event.now, limits: limits) else {
            return counters.add(.windowClosed)
        }
        send(datagram, on: slot, &event)
        counters.add(counter)
    }

    /// Children that a newcomer may tap: full switches, as those of 2011 relay too.
    private mutating func recommended(
        for slot: Int, at end: String, level: Int, _ event: inout Event<some RandomNumberGenerator>
    ) -> [Int] {
        guard level + 1 < limits.treeDepth else { return [] }
        let asker = lines.slots[slot].endpoint
        return hosted.recommended(
            for: end, count: WireLimits.seenEndpoints, limit: limits.tapsPerEnd,
            where: { [lines] child in
                child != slot && lines.slots[child].isSwitch
                    && (lines.slots[child].endpoint.isPublic || !asker.isPublic)
            }, using: &event.random)
    }

    /// The line's taps are gone.
    mutating func dropTaps(_ slot: Int) {
        hosted.dismiss(slot, held: taps.rules(of: slot))
        taps.remove(slot)
    }
}

// Where we stand in the tree of an end.
extension Switch {
    /// Relays between the closest switches and us. Somebody who taps us takes us for one of the closest, unless we
    /// know better. Remembered for a moment: finding the closest of thousands takes time.
    mutating func level(of end: String, _ event: inout Event<some RandomNumberGenerator>) -> Int {
        if let known = hosted[end].level, known.at.duration(to: event.now) < limits.levelMemory { return known.value }
        guard let place = NodeID(hex: end) else { return 0 }
        let level: Int
        let isRoot = address.id.flatMap { parents[place]?.isAmongRoots($0) } ?? isAmongClosest(to: place)
        if isRoot {
            level = 0
        } else if let parents = parents[place] {
            level = parents.level
        } else {
            level = ownTaps.ends.contains(place) ? 1 : 0
        }
        if hosted.count(end) > 0 { hosted[end].level = (level, event.now) }
        return level
    }

    /// Whether places at an end are given out here.
    func isTree(_ end: String, _ now: Instant) -> Bool { hosted.hasTree(end, now: now, limits: limits) }

    /// Our parents changed: tells the children where we stand now, and sends them on when that is too low for long.
    mutating func tellChildren(of place: NodeID, _ event: inout Event<some RandomNumberGenerator>) {
        let end = place.hex
        guard isTree(end, event.now) else { return }
        hosted[end].level = nil
        let level = level(of: end, &event)
        if level >= limits.treeDepth {
            let since = hosted[end].tooLowSince ?? event.now
            hosted[end].tooLowSince = since
            guard since.duration(to: event.now) >= limits.tooLowPatience else { return }
            for child in hosted[end].children.keys.sorted() { dismiss(child, from: end, &event) }
        } else {
            hosted[end].tooLowSince = nil
            guard level != hosted[end].levelTold else { return }
            hosted[end].levelTold = level
            for (child, mark) in hosted[end].children.sorted(by: { $0.key < $1.key }) where mark.isInTree {
                tellLevel(of: end, to: child, &event)
            }
        }
    }

    /// Whether a copy of signals is to be relayed: the first, and where somebody may depend on it once more one that came
    /// over fewer hops than the first did and no more than lead to where we stand: behind the first the hops may be used
    /// up before the last tappers.
    mutating func isToBeRelayed(
        _ telex: Telex, _ digest: UInt64, _ event: inout Event<some RandomNumberGenerator>
    ) -> (now: Bool, isFirst: Bool) {
        let now = event.now
        let isFirst = relayed.insert(digest, now: now)
        guard let end = telex.signals["+end"], isTree(end, now) else { return (isFirst, isFirst) }
        if !isFirst {
            guard !matches.isEmpty, matches.count * 2 <= limits.copiesPerSignal,
                telex.hop <= level(of: end, &event) + 1,
                !(0...telex.hop).contains(where: { relayed.contains(digest ^ Switch.hopMark($0), now: now) }),
                relayed.insert(digest ^ Switch.secondRelayMark, now: now)
            else { return (false, false) }
            counters.add(.relayedAgain)
        }
        _ = relayed.insert(digest ^ Switch.hopMark(telex.hop), now: now)
        return (true, isFirst)
    }

    /// A better copy of these signals is not relayed once more.
    mutating func forgoSecondRelay(_ digest: UInt64, _ now: Instant) {
        _ = relayed.insert(digest ^ Switch.secondRelayMark, now: now)
    }

    /// Turns the fingerprint of signals into that of signals that were relayed from this hop.
    static func hopMark(_ hop: Int) -> UInt64 { 0x9e37_79b9_7f4a_7c15 &* UInt64(hop + 1) }
    private static let secondRelayMark: UInt64 = 0xd1b5_4a32_d192_ed03
}

extension TapRule {
    /// The end whose signals the rule asks for; `nil` where it is for greetings, which come for one peer only.
    var channel: String? { has.contains("+pop") ? nil : `is`["+end"] }
}

extension TreeNotice {
    var field: Telex.Field { Telex.Field(key: TreeNotice.key, text: text) }
}
