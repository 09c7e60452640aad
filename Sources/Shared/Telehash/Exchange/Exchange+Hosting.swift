import TelehashWire

// Taps that peers hold here, and where those are sent that find no place: the host's side of trees of tappers.
extension Exchange {
    /// Takes a peer's tap, which replaces its earlier one. Rules for whose end there is no place are left out.
    mutating func takeTap(_ rules: [TapRule], of telex: Telex, from slot: Int, _ moment: inout Moment) {
        let marks = trees.isOn ? TreeMarks(of: telex) : nil
        if marks != nil { lines[slot].speaksOfTrees = true }
        var held: [TapRule] = []
        var sentOn: [NodeID] = []
        var told: [NodeID] = []
        let source = lines[slot].endpoint.source
        for (number, rule) in rules.enumerated() {
            guard taps.rules(of: slot).contains(rule) || taps.hasRoom(for: rule, of: source, besides: held) else {
                moment.count(.tapRulesCrowded)
                continue
            }
            guard let end = rule.channel else {
                held.append(rule)
                continue
            }
            switch place(for: slot, at: end, mark: marks?[number], &moment) {
            case .held:
                held.append(rule)
                if let mark = marks?[number], isTree(end, moment.now), mark.isInTree || level(of: end, moment.now) > 0 {
                    told.append(end)
                }
            case .sentOn: sentOn.append(end)
            case .refused: continue
            }
        }
        let kept = held.compactMap(\.channel)
        trees.hosted.dismiss(slot, besides: kept, held: taps.rules(of: slot))
        taps.replace(slot, with: held, of: source)
        for end in sentOn { tellLevel(of: end, to: slot, as: .tapsSentOn, &moment) }
        for end in told { tellLevel(of: end, to: slot, &moment) }
        meetChild(slot, at: kept, &moment)
    }

    mutating func dropTaps(_ slot: Int) {
        trees.hosted.dismiss(slot, held: taps.rules(of: slot))
        if taps.hasTap(slot) { taps.replace(slot, with: []) }
    }

    /// Whether places at an end are given out here.
    func isTree(_ end: NodeID, _ now: Instant) -> Bool { trees.hosted.hasTree(end, now: now) }

    /// Asks a child that may have to serve others who is near the end: only its answer shows that it is a full switch,
    /// and before that nobody can be sent on to it.
    private mutating func meetChild(_ slot: Int, at ends: [NodeID], _ moment: inout Moment) {
        for end in ends {
            guard !lines.isSwitch(slot), trees.hosted.serves(slot, at: end),
                isTree(end, moment.now) || trees.hosted.count(end) * 2 >= limits.trees.tapsPerEnd,
                level(of: end, moment.now) + 1 < limits.trees.treeDepth
            else { continue }
            _ = lines.ask(slot, for: end, &moment)
            return
        }
    }

    /// Whether the peer may hold a tap for an end, and if so, in whose place.
    private mutating func place(
        for slot: Int, at end: NodeID, mark: TreeMark?, _ moment: inout Moment
    ) -> Trees.Place {
        guard let mark else { return placeOf2011(for: slot, at: end, &moment) }
        if mark.isInTree { noteOwnTree(end, &moment) }
        let isNew = !trees.hosted.serves(slot, at: end)
        let isInTree = mark.isInTree || isTree(end, moment.now)
        if isNew, isInTree, level(of: end, moment.now) >= limits.trees.treeDepth { return .sentOn }
        if isNew, trees.hosted.count(end) >= limits.trees.tapsPerEnd {
            trees.hosted[end].treeSeenAt = moment.now
            guard makeRoom(at: end, for: slot, mark, &moment) else { return .sentOn }
        }
        trees.hosted[end].children[slot] = mark
        if mark.isInTree { trees.hosted[end].treeSeenAt = moment.now }
        return .held
    }

    /// Switches of 2011 can't be sent on: they are served above the limit, up to one of their own.
    private func placeOf2011(for slot: Int, at end: NodeID, _ moment: inout Moment) -> Trees.Place {
        if taps.rules(of: slot).contains(where: { $0.channel == end }) { return .held }
        guard taps.count(of: end) - trees.hosted.count(end) < limits.trees.tapsOf2011PerEnd,
            taps.count(of: end, from: lines[slot].endpoint.source) < limits.trees.tapsOf2011OfOne
        else {
            moment.count(.tapsRefused)
            return .refused
        }
        return .held
    }

    /// Finds a place at a full end: that of a child with more other parents, or one more where nobody could be named.
    private mutating func makeRoom(
        at end: NodeID, for slot: Int, _ mark: TreeMark, _ moment: inout Moment
    ) -> Bool {
        let level = level(of: end, moment.now)
        let named = recommended(for: slot, at: end, level: level, &moment)
        let isBetween = level > 0 && level < limits.trees.treeDepth - 1
        // As long as there is room further down, branches in between stay as they are.
        let children = trees.hosted[end].children
        let hasRoomBelow = isBetween && named.contains { (children[$0]?.children ?? 0) < limits.trees.tapsPerEnd }
        // Each tapper of a root comes to be served by two of them: it relays what only one was sent. Further down
        // nobody is to lose a parent before others have two less.
        let victim = trees.hosted.victim(
            of: end, for: mark, lead: level == 0 ? 1 : 2, outsiders: hasRoomBelow, using: &moment.random)
        if let victim {
            dismiss(victim, from: end, &moment)
            return true
        }
        // What we say ourselves goes to the closest switches besides.
        let most = max(limits.trees.tapsPerEnd, limits.exchange.copiesPerSignal - limits.routing.k)
        return level == 0 && trees.hosted.count(end) < most && named.isEmpty
    }

    private mutating func dismiss(_ slot: Int, from end: NodeID, _ moment: inout Moment) {
        moment.count(.tapsDisplaced)
        trees.hosted[end].children[slot] = nil
        taps.replace(slot, with: taps.rules(of: slot).filter { $0.channel != end })
        tellLevel(of: end, to: slot, as: .tapsSentOn, &moment)
    }

    /// Tells a peer that its tap is held, or with `tapsSentOn` that it is not, and who may hold it. Only proven peers that
    /// tapped the end get this, one telex for one of theirs that was longer than a line.
    private mutating func tellLevel(
        of end: NodeID, to slot: Int, as counter: Counter = .levelsTold, _ moment: inout Moment
    ) {
        guard trees.redirects.take(now: moment.now) else { return moment.count(.redirectRate) }
        let level = level(of: end, moment.now)
        var named: [Endpoint]?
        if counter == .tapsSentOn {
            named = recommended(for: slot, at: end, level: level, &moment).map { lines[$0].endpoint }
        }
        var writer = lines[slot].beginTelex(naming: named, capacity: 512)
        writer.field(TreeNotice(end: end, level: level).field)
        if lines.sendIfOpen(writer.finish(), on: slot, &moment) { moment.count(counter) }
    }

    /// Children that a newcomer may tap: full switches, as those of 2011 relay too.
    private func recommended(for slot: Int, at end: NodeID, level: Int, _ moment: inout Moment) -> [Int] {
        guard level + 1 < limits.trees.treeDepth else { return [] }
        let asker = lines[slot].endpoint
        return trees.hosted.recommended(
            for: end, count: WireLimits.seenEndpoints, limit: limits.trees.tapsPerEnd,
            where: { $0 != slot && lines.isSwitch($0) && lines[$0].endpoint.mayBeNamed(to: asker) },
            using: &moment.random)
    }

    /// Our parents changed: tells the children where we stand now, and sends them on when that is too low for long.
    mutating func tellChildren(of end: NodeID, _ moment: inout Moment) {
        guard isTree(end, moment.now) else { return }
        trees.hosted[end].level = nil
        let level = level(of: end, moment.now)
        if level >= limits.trees.treeDepth {
            let since = trees.hosted[end].tooLowSince ?? moment.now
            trees.hosted[end].tooLowSince = since
            guard since.duration(to: moment.now) >= limits.trees.tooLowPatience else { return }
            for child in trees.hosted[end].children.keys.sorted() { dismiss(child, from: end, &moment) }
        } else {
            trees.hosted[end].tooLowSince = nil
            guard level != trees.hosted[end].levelTold else { return }
            trees.hosted[end].levelTold = level
            for (child, mark) in trees.hosted[end].children.sorted(by: { $0.key < $1.key }) where mark.isInTree {
                tellLevel(of: end, to: child, &moment)
            }
        }
    }
}

extension TapRule {
    /// The end whose signals the rule asks for; `nil` where it is for greetings, which come for one peer only.
    var channel: NodeID? { has.contains("+pop") ? nil : value(of: "+end").flatMap(NodeID.init(lowerCaseHex:)) }
}
