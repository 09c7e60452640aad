/// What a switch does by the clock, in the order in which it is done when several things are due.
enum Duty: CaseIterable {
    case questions, probes, lookups, publications, seeds, known, ends, hosts, table, entries, lines
    /// After the lines: a question would put off the look that finds a dead line.
    case hearing
    /// What is done after every event, as far as its time has come.
    case joins, dials, trees

    static let all = allCases
    static let byTheClock = allCases.filter { ![.joins, .dials, .trees].contains($0) }
}

/// The one list of all deadlines: when each duty is due, and what is done then.
extension Exchange {
    /// When a duty is due; `.distantFuture` while there is nothing to do.
    private mutating func deadline(of duty: Duty, now: Instant) -> Instant {
        switch duty {
        case .questions: lines.questionExpiries.deadline
        case .probes: lines.probesDue.deadline
        case .lookups: routing.lookups.deadline
        case .publications: publications.deadline
        case .seeds: routing.seeds.deadline
        case .known: routing.known.deadline
        case .ends: ownTaps.deadline
        case .hosts: silentHosts.deadline
        case .table: routing.refresh.ownLookupAt
        case .entries: routing.checks.deadline
        case .lines: lines.sweepAt
        case .hearing: lines.hearing.checkAt
        case .joins: max(routing.refresh.joinLookupDue, now)
        case .dials: routing.nextDialAt(now: now)
        case .trees: trees.dueAt
        }
    }

    mutating func nextDeadline(now: Instant) -> Instant {
        publications.tidy()
        var next = Instant.distantFuture
        for duty in Duty.all { next = min(next, deadline(of: duty, now: now)) }
        return next
    }

    mutating func doWhatIsDue(_ moment: inout Moment) {
        for duty in Duty.byTheClock where deadline(of: duty, now: moment.now) <= moment.now {
            perform(duty, &moment)
        }
    }

    private mutating func perform(_ duty: Duty, _ moment: inout Moment) {
        switch duty {
        case .questions: expireQuestions(&moment)
        case .probes: lines.sendPlannedProbes(&moment)
        case .lookups: routing.expireLookups(&moment)
        case .publications: expirePublications(&moment)
        case .seeds: routing.dialSeeds(&moment)
        case .known: routing.meetKnown(&moment)
        case .ends: lookUpEnds(&moment)
        case .hosts: judgeHosts(&moment)
        case .table: routing.refreshTable(ends: ownTaps.ordered, &moment)
        case .entries: checkEntries(&moment)
        case .lines: sweep(&moment)
        case .hearing: if routing.checkHearing(now: moment.now) { askNeeded(&moment) }
        case .joins, .dials, .trees: break
        }
    }
}
