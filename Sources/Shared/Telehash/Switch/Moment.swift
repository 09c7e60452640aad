import TelehashWire

/// Everything that a switch counts. Each drop has its own reason, so that an operator can see who is hurt by what.
enum Counter: Int, CaseIterable, Sendable {
    // Traffic
    case telexesReceived, bytesReceived, telexesSent, bytesSent
    // Lines
    case linesProven, linesRestarted, linesPurged, linesEvicted, linesLockedOut, switchesPassedOver
    // Refused by the line check
    case lineWrong, lineUnexpected, lineStale, lineMissing, lineLockedOut, ringWrong, ringChanged
    // Refused for other reasons
    case fromSelf, fromMartian, echo, lineRate, windowOverrun, commandsLockedOut, commandsUnproven, tapRulesIgnored,
        tapRulesCrowded
    case strangerRate, requestRate, strangerSignalRate, strangerFactor, endMalformed, tableFull
    // Questions and dials
    case entriesChecked, entriesLost
    case tappersRung
    case questionsAnswered, questionsAsked, dials, dialQueueFull, dialForbidden, dialRate, dialHostRate, lookups
    case lookupQueueFull, lookupsDense, lookupsSparse, hostsJudged
    // Signals
    case signalsReceived, signalsRelayed, signalsDelivered, signalsRepeated, signalsAdopted, adoptionRate
    case signalsForged, signalsHeld, forgedAgain, bringersSuspected, bringerThrottled
    case copiesSent
    case hopsUsedUp, relayTooLong, signalsQueued, queueFull, windowClosed, windowsRecovered
    // Greetings
    case popsAsked, popsGreeted, popRefused
    // Trees of tappers
    case tapsSentOn, tapsDisplaced, tapsRefused, levelsTold, redirectsFollowed, redirectsUnasked, redirectRate
    case treeDialRate, parentsSilent, relayedAgain, copyOf2011Rate
    // Publishing
    case publications, publicationsOverflow, handOvers, handOversTaken, handOversRepeated, handOversLost, probes

    /// The name of each, made once: a page of metrics asks for all of them.
    static let names = allCases.map(\.name)

    /// The name on status pages and in metrics: `line_wrong` for `lineWrong`.
    var name: String {
        var name = ""
        for character in String(describing: self) {
            if character.isUppercase { name.append("_") }
            name.append(contentsOf: character.lowercased())
        }
        return name
    }
}

struct Counters: Sendable {
    private var counts = [UInt64](repeating: 0, count: Counter.allCases.count)
    private var undecodable: [TelexError: UInt64] = [:]

    /// Shared by all who have counted nothing.
    static let none = Counters()

    subscript(counter: Counter) -> UInt64 { counts[counter.rawValue] }

    mutating func add(_ counter: Counter, _ amount: Int = 1) {
        counts[counter.rawValue] &+= UInt64(clamping: amount)
    }

    mutating func add(_ error: TelexError) {
        undecodable[error, default: 0] &+= 1
    }

    /// All counters by name, also those that are zero.
    var byName: [String: UInt64] {
        var all: [String: UInt64] = [:]
        for (name, count) in zip(Counter.names, counts) { all[name] = count }
        for error in TelexError.allCases { all[error.rawValue] = undecodable[error, default: 0] }
        return all
    }
}

/// One event while it is handled: when it is, what is to be done about it, what was counted, and where random numbers
/// come from. Every layer adds to the same one.
struct Moment {
    /// The caller's generator, behind a closure so that nothing below ``Switch`` is generic.
    struct Draws: RandomNumberGenerator {
        let draw: () -> UInt64

        mutating func next() -> UInt64 { draw() }
    }

    let now: Instant
    var effects: [Effect] = []
    var counters = Counters.none
    var random: Draws

    mutating func count(_ counter: Counter, _ amount: Int = 1) {
        counters.add(counter, amount)
    }

    mutating func send(_ datagram: [UInt8], to endpoint: Endpoint) {
        count(.telexesSent)
        count(.bytesSent, datagram.count)
        effects.append(.send(datagram, to: endpoint))
    }
}
