import TelehashWire

// How a telex passes through the layers, from the lowest to the highest.
extension Exchange {
    mutating func receive(_ datagram: [UInt8], from sender: Endpoint, _ moment: inout Moment) {
        moment.count(.telexesReceived)
        moment.count(.bytesReceived, datagram.count)
        guard !routing.isSelf(sender) else { return moment.count(.fromSelf) }
        // Multicast, broadcast or unroutable source: answering or dialling it would reach many hosts, or none.
        guard routing.canReach(sender) else { return moment.count(.fromMartian) }
        let known = lines.slot(of: sender)
        guard lines.mayRead(from: sender, on: known, now: moment.now) else { return moment.count(.strangerRate) }
        let telex: Telex
        do throws(TelexError) {
            telex = try Telex.decode(datagram)
        } catch {
            return moment.counters.add(error)
        }
        if let slot = known {
            receive(telex, size: datagram.count, on: slot, &moment)
        } else {
            receive(telex, size: datagram.count, fromStranger: sender, &moment)
        }
    }

    private mutating func receive(_ telex: Telex, size: Int, on slot: Int, _ moment: inout Moment) {
        guard !isEcho(telex, on: slot, &moment) else { return }
        let verdict = lines.admit(telex, on: slot, &moment)
        if case .refused = verdict { return }
        if verdict == .restarted { restart(slot, &moment) }
        // The line is proven even if the telex that did it is dropped below.
        if verdict == .proved { becomeProven(slot, &moment) }
        guard lines.account(for: telex, size: size, verdict, on: slot, &moment) else { return }

        let handle = lines.handle(slot)
        if verdict.isAuthentic {
            if lines[passedOver: slot] { routing.countAgain(slot) }
            learnAddress(from: telex, on: slot, &moment)
            // Its address may turn out to be ours: then there is no line any more.
            guard lines.slot(of: handle) == slot else { return }
            obeyCommands(of: telex, on: slot, isShortAnswer: verdict == .proved, &moment)
            guard lines.slot(of: handle) == slot else { return }
            if verdict == .proved, telex.see == nil { routing.askGreeter(slot, &moment) }
        } else if telex.see != nil || telex.tap != nil {
            moment.count(.commandsUnproven)
        }
        if telex.isQuestion {
            if verdict.isAuthentic || lines.takeRequest(of: lines[slot].endpoint, &moment) {
                routing.answer(telex, verdict, on: slot, &moment)
            }
        } else {
            routing.answerRing(of: telex, verdict, on: slot, &moment)
            if telex.isBareTap, !lines[slot].isProven, lines.mayRing(lines[slot].endpoint, &moment) {
                lines.ring(slot, &moment)
            }
        }
        receiveSignals(of: telex, from: lines[slot].endpoint, verdict, slot: slot, &moment)

        guard lines.slot(of: handle) == slot else { return }
        if verdict == .proved || verdict == .restarted { introduce(slot, &moment) }
        flushQueue(slot, &moment)
        lines.reportIfOwed(slot, &moment)
    }

    /// A telex from an address without a line. A `_line` in it can't be checked and proves nothing: the peer may
    /// remember a line from before our restart.
    private mutating func receive(
        _ telex: Telex, size: Int, fromStranger sender: Endpoint, _ moment: inout Moment
    ) {
        if telex.see != nil || telex.tap != nil { moment.count(.commandsUnproven) }
        if telex.isQuestion, lines.takeRequest(of: sender, &moment) {
            guard let slot = routing.open(sender, &moment) else { return moment.count(.tableFull) }
            lines.meetStranger(telex, on: slot, &moment)
            _ = lines.account(for: telex, size: size, .bare, on: slot, &moment)
            routing.answer(telex, .bare, on: slot, &moment)
            receiveSignals(of: telex, from: sender, .bare, slot: slot, &moment)
        } else if telex.isBareTap {
            guard lines.mayRing(sender, &moment) else { return }
            guard let slot = routing.open(sender, &moment) else { return moment.count(.tableFull) }
            _ = lines.account(for: telex, size: size, .bare, on: slot, &moment)
            lines.ring(slot, &moment)
        } else {
            receiveSignals(of: telex, from: sender, .bare, slot: nil, &moment)
        }
    }
}
