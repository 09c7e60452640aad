import TelehashWire

/// The taps that peers hold here, indexed so that a telex meets only rules that it may match (T14).
///
/// A rule stands under one of its `is` pairs, or under one of its `has` keys when it has no pair, or with those that
/// have neither. Which of them is fixed: `+end`, else the first in the order of bytes.
struct TapTable: Sendable {
    private struct Place: Hashable, Sendable {
        let slot: Int
        let rule: Int
    }

    /// Where a rule stands.
    private enum Shelf: Hashable, Sendable {
        case end(NodeID)
        case pair(key: String, value: String)
        case present(key: String)
        case always

        init(of rule: TapRule) {
            if let text = rule.value(of: "+end") {
                self = .pair("+end", text)
            } else if let pair = rule.pairs.first {
                self = .pair(key: pair.key, value: pair.value)
            } else if let key = rule.has.min(by: { $0.precedesInBytes($1) }) {
                self = .present(key: key)
            } else {
                self = .always
            }
        }

        static func pair(_ key: String, _ value: String) -> Shelf {
            // A rule matches texts: another spelling of an end is another value, and meets nothing that is said there.
            if key == "+end", let end = NodeID(lowerCaseHex: value) { return .end(end) }
            return .pair(key: key, value: value)
        }

        /// Whether it names no value, so that every telex with its key, or every one at all, meets its rules.
        var isBroad: Bool {
            switch self {
            case .end, .pair: false
            case .present, .always: true
            }
        }

        var key: String? {
            switch self {
            case .end: "+end"
            case .pair(let key, _), .present(let key): key
            case .always: nil
            }
        }
    }

    private var rules: [[TapRule]] = []
    private var shelves: [Shelf: [Place]] = [:]
    /// How many rules stand under each key: the values of other keys are not looked at, and may be long.
    private var keys: [String: Int] = [:]
    /// Rules that stand under keys other than signals: rare, and then the other keys of a telex matter too.
    private var rulesForOtherKeys = 0
    private var broadRules = 0
    private var broadRulesOfOne: [AddressSource: Int] = [:]
    /// Whose the rules are.
    private var sources: [AddressSource?] = []
    /// The last search in which a slot was found, so that two rules of one peer give one copy.
    private var foundIn: [UInt64] = []
    private var search: UInt64 = 0
    /// How many lines hold a tap.
    private(set) var count = 0

    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    func hasTap(_ slot: Int) -> Bool { !rules(of: slot).isEmpty }

    func rules(of slot: Int) -> [TapRule] {
        rules.indices.contains(slot) ? rules[slot] : []
    }

    func count(of end: NodeID) -> Int { shelves[.end(end)]?.count ?? 0 }

    func count(of end: NodeID, from source: AddressSource) -> Int {
        shelves[.end(end)]?.count { sources[$0.slot] == source } ?? 0
    }

    /// Whether one more rule may stand where this one would: every telex with its value, or every one with its key, is
    /// held against it, whether it matches or not (T16). Of those that name no value one source has a share once half of the
    /// places are taken.
    ///
    /// - Parameter held: what the same tap has besides.
    func hasRoom(for rule: TapRule, of source: AddressSource, besides held: [TapRule]) -> Bool {
        let shelf = Shelf(of: rule)
        return switch shelf {
        // Those who want a channel get what is said there, which bounds them by other means; whoever wants only some of
        // it makes us look at all of it.
        case .end(let end):
            (rule.has == ["+key"] && rule.pairs.count == 1) || count(of: end) < limits.exchange.broadRules
        case .pair: (shelves[shelf]?.count ?? 0) < limits.exchange.rulesPerValue
        case .present, .always:
            (broadRules + held.count) * 2 < limits.exchange.broadRules
                || (broadRules < limits.exchange.broadRules
                    && broadRulesOfOne[source, default: 0] + held.count { Shelf(of: $0).isBroad }
                        < limits.exchange.broadRulesOfOne)
        }
    }

    /// Replaces the line's rules; none takes its tap away.
    mutating func replace(_ slot: Int, with newRules: [TapRule], of source: AddressSource? = nil) {
        while rules.count <= slot {
            rules.append([])
            sources.append(nil)
            foundIn.append(0)
        }
        // Renewals come every 25 s from everybody and seldom change anything.
        guard rules[slot] != newRules else { return }
        for (number, rule) in rules[slot].enumerated() {
            remove(Place(slot: slot, rule: number), from: Shelf(of: rule))
        }
        sources[slot] = source ?? sources[slot]
        count += (newRules.isEmpty ? 0 : 1) - (rules[slot].isEmpty ? 0 : 1)
        rules[slot] = newRules
        for (number, rule) in newRules.enumerated() {
            let shelf = Shelf(of: rule)
            shelves[shelf, default: []].append(Place(slot: slot, rule: number))
            countRule(on: shelf, of: slot, 1)
        }
    }

    private mutating func remove(_ place: Place, from shelf: Shelf) {
        guard let position = shelves[shelf]?.firstIndex(of: place) else { return }
        // Taken out meanwhile, so that they are changed in place.
        var places = shelves.removeValue(forKey: shelf) ?? []
        places.swapAt(position, places.count - 1)
        places.removeLast()
        if !places.isEmpty { shelves[shelf] = places }
        countRule(on: shelf, of: place.slot, -1)
    }

    private mutating func countRule(on shelf: Shelf, of slot: Int, _ change: Int) {
        if shelf.isBroad {
            broadRules += change
            if let source = sources[slot] {
                let count = broadRulesOfOne[source, default: 0] + change
                broadRulesOfOne[source] = count == 0 ? nil : count
            }
        }
        guard let key = shelf.key else { return }
        let rules = keys[key, default: 0] + change
        keys[key] = rules == 0 ? nil : rules
        if key.utf8.first != UInt8(ascii: "+") { rulesForOtherKeys += change }
    }

    /// Appends the slots whose rules match, each once.
    mutating func match(_ telex: Telex, into slots: inout [Int]) {
        guard count > 0, !telex.signals.isEmpty else { return }
        search += 1
        for signal in telex.signals { match(telex, key: signal.key, value: signal.value, into: &slots) }
        if rulesForOtherKeys > 0 {
            for field in telex.fields { match(telex, key: field.key, value: field.text, into: &slots) }
            for key in TapTable.reservedKeys where telex.has(key) {
                match(telex, key: key, value: telex.text(of: key), into: &slots)
            }
        }
        if broadRules > 0 { check(.always, telex, into: &slots) }
    }

    /// Header and command keys that a rule may name.
    private static let reservedKeys = ["_to", "_ring", "_line", "_br", "_hop", ".see", ".tap"]

    private mutating func match(_ telex: Telex, key: String, value: String?, into slots: inout [Int]) {
        guard keys[key] != nil else { return }
        if let value { check(.pair(key, value), telex, into: &slots) }
        if broadRules > 0 { check(.present(key: key), telex, into: &slots) }
    }

    private mutating func check(_ shelf: Shelf, _ telex: Telex, into slots: inout [Int]) {
        for place in shelves[shelf] ?? [] where foundIn[place.slot] != search {
            guard rules[place.slot][place.rule].matches(telex) else { continue }
            foundIn[place.slot] = search
            slots.append(place.slot)
        }
    }
}
