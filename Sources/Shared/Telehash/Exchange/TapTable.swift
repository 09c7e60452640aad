import TelehashWire

/// The taps that peers hold here, indexed so that a telex meets only rules that it may match (T14).
///
/// A rule stands under one of its `is` pairs, or under one of its `has` keys when it has no pair, or in a list of its
/// own when it has neither. Which of them is fixed: `+end`, else the first in the order of bytes.
struct TapTable: Sendable {
    private struct Place: Hashable, Sendable {
        let slot: Int
        let rule: Int
    }

    /// The rules that stand under one key.
    private struct Shelf: Sendable {
        var pairs: [String: [Place]] = [:]
        var present: [Place] = []
        var isEmpty: Bool { pairs.isEmpty && present.isEmpty }
    }

    private enum Index {
        case pair(key: String, value: String)
        case present(key: String)
        case always
    }

    private var rules: [[TapRule]] = []
    private var shelves: [String: Shelf] = [:]
    private var always: [Place] = []
    /// Rules that stand under keys other than signals: rare, and then the other keys of a telex matter too.
    private var underOtherKeys = 0
    /// Rules that name no value and so meet every telex that has their key, or every one at all.
    private var broadRules = 0
    /// The last search in which a slot was found, so that two rules of one peer give one copy.
    private var foundIn: [UInt64] = []
    private var search: UInt64 = 0
    /// How many lines hold a tap.
    private(set) var count = 0

    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    var isEmpty: Bool { count == 0 }

    func hasTap(_ slot: Int) -> Bool {
        rules.indices.contains(slot) && !rules[slot].isEmpty
    }

    func rules(of slot: Int) -> [TapRule] {
        rules.indices.contains(slot) ? rules[slot] : []
    }

    /// How many rules ask for an end.
    func count(of end: String) -> Int {
        shelves["+end"]?.pairs[end]?.count ?? 0
    }

    /// Whether one more rule may stand where this one would: every telex with its value, or every one with its key, is
    /// held against it, whether it matches or not (T16).
    func hasRoom(for rule: TapRule) -> Bool {
        switch TapTable.index(of: rule) {
        // Those who want a channel get what is said there, which bounds them by other means; whoever wants only some of
        // it makes us look at all of it.
        case .pair("+end", let end):
            (rule.has == ["+key"] && rule.pairs.count == 1) || count(of: end) < limits.exchange.broadRules
        case .pair(let key, let value): (shelves[key]?.pairs[value]?.count ?? 0) < limits.exchange.rulesPerValue
        case .present, .always: broadRules < limits.exchange.broadRules
        }
    }

    /// Replaces the line's rules; none takes its tap away.
    mutating func replace(_ slot: Int, with newRules: [TapRule]) {
        while rules.count <= slot {
            rules.append([])
            foundIn.append(0)
        }
        // Renewals come every 25 s from everybody and seldom change anything.
        guard rules[slot] != newRules else { return }
        for (number, rule) in rules[slot].enumerated() {
            remove(Place(slot: slot, rule: number), at: TapTable.index(of: rule))
        }
        count += (newRules.isEmpty ? 0 : 1) - (rules[slot].isEmpty ? 0 : 1)
        rules[slot] = newRules
        for (number, rule) in newRules.enumerated() {
            insert(Place(slot: slot, rule: number), at: TapTable.index(of: rule))
        }
    }

    mutating func remove(_ slot: Int) {
        guard hasTap(slot) else { return }
        replace(slot, with: [])
    }

    /// Appends the slots whose rules match, each once.
    mutating func match(_ telex: Telex, into slots: inout [Int]) {
        guard !isEmpty, !telex.signals.isEmpty else { return }
        search += 1
        if !shelves.isEmpty {
            for signal in telex.signals {
                match(telex, key: signal.key, value: signal.value, into: &slots)
            }
            if underOtherKeys > 0 {
                for field in telex.fields {
                    match(telex, key: field.key, value: field.text, into: &slots)
                }
                for key in TapTable.reservedKeys where telex.has(key) {
                    match(telex, key: key, value: telex.text(of: key), into: &slots)
                }
            }
        }
        check(always, telex, into: &slots)
    }

    /// Header and command keys that a rule may name.
    private static let reservedKeys = ["_to", "_ring", "_line", "_br", "_hop", ".see", ".tap"]
}

extension TapTable {
    private mutating func match(_ telex: Telex, key: String, value: String?, into slots: inout [Int]) {
        guard let shelf = shelves[key] else { return }
        if let value, let places = shelf.pairs[value] { check(places, telex, into: &slots) }
        check(shelf.present, telex, into: &slots)
    }

    private mutating func check(_ places: [Place], _ telex: Telex, into slots: inout [Int]) {
        for place in places where foundIn[place.slot] != search {
            guard rules[place.slot][place.rule].matches(telex) else { continue }
            foundIn[place.slot] = search
            slots.append(place.slot)
        }
    }

    private static func index(of rule: TapRule) -> Index {
        if let end = rule.value(of: "+end") { return .pair(key: "+end", value: end) }
        if let pair = rule.pairs.first { return .pair(key: pair.key, value: pair.value) }
        if let key = rule.has.min(by: { $0.precedesInBytes($1) }) { return .present(key: key) }
        return .always
    }

    private mutating func insert(_ place: Place, at index: Index) {
        switch index {
        case .pair(let key, let value):
            shelves[key, default: Shelf()].pairs[value, default: []].append(place)
            countOther(key, 1)
        case .present(let key):
            shelves[key, default: Shelf()].present.append(place)
            countOther(key, 1)
            broadRules += 1
        case .always:
            always.append(place)
            broadRules += 1
        }
    }

    private mutating func remove(_ place: Place, at index: Index) {
        switch index {
        case .pair(let key, let value):
            TapTable.remove(place, from: &shelves[key, default: Shelf()].pairs[value, default: []])
            if shelves[key]?.pairs[value]?.isEmpty == true { shelves[key]?.pairs[value] = nil }
            if shelves[key]?.isEmpty == true { shelves[key] = nil }
            countOther(key, -1)
        case .present(let key):
            TapTable.remove(place, from: &shelves[key, default: Shelf()].present)
            if shelves[key]?.isEmpty == true { shelves[key] = nil }
            countOther(key, -1)
            broadRules -= 1
        case .always:
            TapTable.remove(place, from: &always)
            broadRules -= 1
        }
    }

    private mutating func countOther(_ key: String, _ change: Int) {
        if key.utf8.first != UInt8(ascii: "+") { underOtherKeys += change }
    }

    private static func remove(_ place: Place, from places: inout [Place]) {
        guard let position = places.firstIndex(of: place) else { return }
        places.swapAt(position, places.count - 1)
        places.removeLast()
    }
}
