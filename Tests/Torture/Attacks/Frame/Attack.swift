/// Something that an attacker does to a node, and what shows that it does not matter.
protocol Attack: Sendable {
    /// On the command line.
    static var name: String { get }
    /// What is done, in a sentence.
    static var abstract: String { get }
    /// Nodes of a mesh that it needs, the one that is attacked included.
    static var nodes: Int { get }
    /// Which of six nodes it is aimed at when all attacks come at once: those that would spoil each other's node are apart.
    static var place: Int { get }
    /// Flags of `p2pmsg up` of the node that is attacked.
    static var flags: [String] { get }
    /// How often a second, unless the command line says.
    static var rate: Double { get }
    /// How much there is of what it is made of, unless the command line says.
    static var size: Int { get }

    /// Makes everything ready and gives the attack itself, which lasts until a time and returns what came of it.
    static func prepare(on ground: Ground) async throws -> Strike
}

extension Attack {
    static var nodes: Int { 1 }
    static var flags: [String] { [] }
    static var rate: Double { 1 }
    static var size: Int { 0 }
}

typealias Strike = @Sendable (_ end: ContinuousClock.Instant) async throws -> [Check]

/// One figure of an attack, beside what is right.
struct Check: Sendable {
    let what: String
    let value: String
    /// Nil: it is only told.
    let goal: String?
    let holds: Bool

    init(_ what: String, _ value: String, goal: String, holds: Bool) {
        (self.what, self.value, self.goal, self.holds) = (what, value, goal, holds)
    }

    init(_ what: String, _ value: String) {
        (self.what, self.value, goal, holds) = (what, value, nil, true)
    }

    /// A number that has a bound.
    init(_ what: String, _ value: Int, atMost bound: Int, _ unit: String = "") {
        self.init(what, "\(value)\(unit)", goal: "≤ \(bound)\(unit)", holds: value <= bound)
    }

    /// What of something must be true nearly always. One of fewer than a hundred that is not says nothing: in seconds on a busy
    /// machine a datagram is lost.
    init(_ what: String, _ share: Portion, atLeast bound: Double = Verdict.share) {
        let isOneOfSome = share.all >= 5 && share.all - share.good <= 1
        self.init(
            what, share.summary, goal: "≥ \(percent(bound)), or all but one of 5",
            holds: share.all > 0 && (share.ratio >= bound || isOneOfSome))
    }
}

/// How many of all.
struct Portion: Sendable {
    var good = 0
    var all = 0
    /// Why others were not, with how many.
    var reasons: [String: Int] = [:]

    /// - Parameter reason: nil: it was good.
    mutating func note(_ reason: String?) {
        all += 1
        if let reason { reasons[reason, default: 0] += 1 } else { good += 1 }
    }

    /// - Parameter status: nil: no answer came.
    mutating func note(status: Int?, _ isGood: (Int) -> Bool) {
        guard let status else { return note("no answer") }
        note(isGood(status) ? nil : "status \(status)")
    }

    mutating func note(_ isGood: Bool) { note(isGood ? nil : "not") }

    var ratio: Double { all == 0 ? 1 : Double(good) / Double(all) }
    var summary: String { "\(percent(ratio)) of \(all)" }
}

/// What everybody else must see of an attack: nothing.
enum Verdict {
    /// Of messages of known and settled authors, pages and joins.
    static let share = 0.99
    /// How long a message may take to a store.
    static let patience = Duration.seconds(10)
    /// How long a newcomer may take to a line: a question that is not answered is asked again after seconds.
    static let joining = Duration.seconds(2)
    /// Bytes that a process may have resident at any time.
    static let memory = [("p2pmsg-router", 64 << 20), ("p2pmsg-receiver", 192 << 20), ("p2pmsg-renderer", 150 << 20)]
}
