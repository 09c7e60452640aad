import TelehashWire

// What goes out.
extension Lines {
    /// Sends a finished telex and counts it in the line's windows.
    mutating func send(_ datagram: [UInt8], on slot: Int, _ moment: inout Moment) {
        self[slot].sentAt = moment.now
        self[slot].window.didSend(datagram.count, now: moment.now, limits: limits)
        if self[slot].proof.line == nil { self[slot].proof.ringWasSent(now: moment.now) }
        if !self[slot].window.isOpen(limits: limits) {
            look(at: slot, by: moment.now.advanced(by: limits.lines.stalledWindow))
        }
        moment.send(datagram, to: self[slot].endpoint)
    }

    /// As ``send(_:on:_:)``, if the window is open.
    mutating func sendIfOpen(_ datagram: [UInt8], on slot: Int, _ moment: inout Moment) -> Bool {
        guard self[slot].window.admits(datagram.count, now: moment.now, limits: limits) else {
            moment.count(.windowClosed)
            return false
        }
        send(datagram, on: slot, &moment)
        return true
    }

    /// Sends what an unproven address asked for, if it stays within three times the bytes that came from there.
    ///
    /// Where there is a proven line with the address, anybody can ask in the name of its peer: that does not use up the
    /// line's window.
    mutating func sendToStranger(_ writer: consuming TelexWriter, on slot: Int, _ moment: inout Moment) -> Bool {
        guard writer.byteCount <= self[slot].strangerAllowance(limits: limits) else { return false }
        let datagram = writer.finish()
        self[slot].didSendToStranger(datagram.count)
        if self[slot].isProven {
            moment.send(datagram, to: self[slot].endpoint)
        } else {
            send(datagram, on: slot, &moment)
        }
        return true
    }

    /// A telex that says nothing but how much we received: without it the peer would stop. It passes a closed window, or
    /// two of them would wait for each other for ever; the peer has just sent 4000 bytes for these 60.
    mutating func sendReport(_ slot: Int, _ moment: inout Moment) {
        guard self[slot].window.admitsReport(limits: limits) else { return moment.count(.windowClosed) }
        send(self[slot].beginTelex().finish(), on: slot, &moment)
    }

    mutating func reportIfOwed(_ slot: Int, _ moment: inout Moment) {
        if self[slot].isProven, self[slot].window.owesReport(limits: limits) { sendReport(slot, &moment) }
    }

    /// Sends our ring and nothing else. The tap counts when it comes again with a line.
    mutating func ring(_ slot: Int, _ moment: inout Moment) {
        guard sendToStranger(self[slot].beginTelex(), on: slot, &moment) else { return moment.count(.strangerFactor) }
        moment.count(.tappersRung)
    }

    // MARK: Questions

    /// Asks a proven peer for the switches nearest to `end`. `false` when its window is closed.
    mutating func ask(
        _ slot: Int, for end: NodeID, as kind: QuestionKind = .plain, taps: TapText? = nil,
        naming see: [Endpoint]? = nil,
        _ moment: inout Moment
    ) -> Bool {
        var writer = self[slot].beginTelex(naming: see, capacity: 256)
        taps?.write(to: &writer)
        writer.signals(.question(for: end))
        let datagram = writer.finish()
        let isAdmitted =
            switch kind {
            case .urgent: self[slot].window.admitsReport(limits: limits)
            case .probe: self[slot].window.admitsProbe(limits: limits)
            case .plain: self[slot].window.admits(datagram.count, now: moment.now, limits: limits)
            }
        guard isAdmitted else {
            moment.count(.windowClosed)
            return false
        }
        send(datagram, on: slot, &moment)
        moment.count(kind == .probe ? .probes : .questionsAsked)
        noteQuestion(on: slot, isProbe: kind == .probe, now: moment.now)
        return true
    }

    /// Asks an address that spoke to us unproven, within three times the bytes that came from there. Returns whether the
    /// question went out.
    @discardableResult
    mutating func askStranger(
        _ slot: Int, for end: NodeID, isChallenged: Bool = false, _ moment: inout Moment
    ) -> Bool {
        guard takeRequest(of: self[slot].endpoint, &moment) else { return false }
        var writer =
            isChallenged ? self[slot].beginChallenge() : self[slot].beginTelex(withRing: true, capacity: 256)
        writer.signals(.question(for: end))
        guard sendToStranger(writer, on: slot, &moment) else {
            moment.count(.strangerFactor)
            return false
        }
        if !self[slot].isProven { noteQuestion(on: slot, isProbe: false, now: moment.now) }
        return true
    }

    /// Sends a dial: a question with our ring, long enough that a full answer is no more than three times its size.
    mutating func dial(_ slot: Int, for end: NodeID, _ moment: inout Moment) {
        if self[slot].unansweredDials >= limits.lines.rememberedLineDials { self[slot].proof.giveUpRemembered() }
        didCall(slot, for: end, now: moment.now)
        self[slot].unansweredDials += 1
        var writer = self[slot].beginTelex(withRing: true, capacity: limits.lines.dialBytes)
        writer.signals(.question(for: end))
        writer.pad(to: limits.lines.dialBytes)
        moment.count(.dials)
        send(writer.finish(), on: slot, &moment)
        // Even where the peer's ring is known: it may have drawn another one, and then its answer is to be believed.
        self[slot].proof.ringWasSent(now: moment.now)
        noteQuestion(on: slot, isProbe: false, now: moment.now)
    }

    /// Others were asked to make the address speak to us.
    mutating func didCall(_ slot: Int, for end: NodeID, now: Instant) {
        self[slot].dialledAt = now
        self[slot].dialledEnd = end
    }

    // MARK: Probes

    /// Asks a question behind the copies on a line, unless one is out that may still be answered, or the last one was
    /// just now.
    mutating func probe(_ slot: Int, _ moment: inout Moment) {
        guard self[slot].deliveries.hasWaiting else { return }
        var due = moment.now
        if let last = self[slot].deliveries.lastProbeAt {
            due = max(due, last.advanced(by: limits.lines.probeInterval))
        }
        if let again = self[slot].deliveries.repeatsProbe(limits: limits) {
            due = max(due, again)
        } else if !self[slot].deliveries.wantsProbe {
            return
        }
        if due <= moment.now {
            let wasAsked = ask(slot, for: place, as: .probe, &moment)
            // A full window is looked at again later: the moment that the last probe was to be repeated is over.
            let again = wasAsked ? self[slot].deliveries.repeatsProbe(limits: limits) : nil
            due = again ?? moment.now.advanced(by: limits.lines.probeRepeat)
        }
        planProbe(slot, at: due, now: moment.now)
    }

    /// Asks a question on a line whose window is closed and does not move, to learn what was lost.
    mutating func probeStalled(_ slot: Int, _ moment: inout Moment) {
        guard self[slot].window.isStalled(now: moment.now, limits: limits), self[slot].deliveries.questions.isEmpty
        else { return }
        _ = ask(slot, for: place, as: .probe, &moment)
    }

    mutating func recover(_ slot: Int, _ moment: inout Moment) {
        if self[slot].window.recover(now: moment.now, limits: limits) { moment.count(.windowsRecovered) }
    }

    /// Follows a copy that went out; a question behind it will tell whether it arrived. `false` when too many are followed.
    mutating func follow(_ publication: PublicationHandle, size: Int, on slot: Int, _ moment: inout Moment) -> Bool {
        let handOver = DeliveryLog.HandOver(publication: publication, mark: self[slot].window.sent, size: size)
        guard self[slot].deliveries.didHandOver(handOver, limits: limits) else { return false }
        probe(slot, &moment)
        return true
    }

    // MARK: Signals

    /// Sends one copy on a proven line, or puts it in the line's queue while the window is closed. What finds no room there is
    /// put off if it is followed.
    mutating func sendSignals(
        _ signals: Signals, hop: Int, on slot: Int, for publication: PublicationHandle? = nil,
        from origin: SignalOrigin = .ourselves, _ moment: inout Moment
    ) -> SignalOutcome {
        let size = signals.encodedByteCount + TelexWriter.headerCapacity
        guard self[slot].queue.isEmpty, self[slot].window.admits(size, now: moment.now, limits: limits) else {
            let item = SignalQueue.Item(signals, hop: hop, for: publication, from: origin)
            let isCrowded = queuedBytes >= limits.lines.queuedBytesOfAll
            let (isIn, gaveWay) = changeQueue(of: slot) { [limits] in
                $0.append(item, isCrowded: isCrowded, limits: limits)
            }
            for other in gaveWay { _ = putOff(other, on: slot, &moment) }
            guard isIn || putOff(item, on: slot, &moment) else { return .dropped }
            moment.count(.signalsQueued)
            look(at: slot, by: moment.now.advanced(by: limits.lines.stalledWindow))
            probeStalled(slot, &moment)
            return .queued
        }
        return sendNow(signals, hop: hop, on: slot, &moment)
    }

    /// A copy finds no room in its line's queue. `false` when it is lost: nobody looks after it.
    private mutating func putOff(_ item: SignalQueue.Item, on slot: Int, _ moment: inout Moment) -> Bool {
        guard let publication = item.publication, !self[slot].queue.isEmpty else {
            moment.count(.queueFull)
            return false
        }
        while putOff[slot]?.popDue(now: moment.now) != nil { moment.count(.handOversLost) }
        let end = moment.now.advanced(by: limits.exchange.publicationLife)
        putOff[slot, default: TimedQueue()].insert(publication, at: end)
        return true
    }

    /// The next publication whose copy was put off, if nothing else waits on the line.
    mutating func nextPutOff(on slot: Int) -> PublicationHandle? {
        guard !putOff.isEmpty, self[slot].queue.isEmpty, let next = putOff[slot]?.first else { return nil }
        putOff[slot]?.removeFirst()
        if putOff[slot]?.isEmpty == true { putOff[slot] = nil }
        return next.element
    }

    private mutating func sendNow(_ signals: Signals, hop: Int, on slot: Int, _ moment: inout Moment) -> SignalOutcome {
        var writer = self[slot].beginTelex(capacity: signals.encodedByteCount + TelexWriter.headerCapacity)
        writer.hop(hop)
        writer.signals(signals)
        guard writer.byteCount <= WireLimits.relayedBytes else {
            moment.count(.relayTooLong)
            return .dropped
        }
        let datagram = writer.finish()
        send(datagram, on: slot, &moment)
        if signals["+pop"] == nil { moment.count(.copiesSent) }
        return .sent(datagram.count)
    }

    /// Sends the first of what waits on a line, if the window is open. Whose copy it was, and what became of it.
    mutating func sendWaiting(
        on slot: Int, _ moment: inout Moment
    ) -> (publication: PublicationHandle?, outcome: SignalOutcome)? {
        guard let item = self[slot].queue.first else { return nil }
        let size = item.signals.encodedByteCount + TelexWriter.headerCapacity
        guard self[slot].window.admits(size, now: moment.now, limits: limits) else { return nil }
        changeQueue(of: slot) { $0.removeFirst() }
        return (item.publication, sendNow(item.signals, hop: item.hop, on: slot, &moment))
    }
}

/// What a peer is asked to send us, as it is written: the rules, and what our kind of switch says about them.
struct TapText {
    let rules: [TapRule]
    /// The value of the plain key `tree`; `nil` for a switch that knows nothing of trees.
    let marks: String?

    func write(to writer: inout TelexWriter) {
        writer.tap(rules)
        if let marks { writer.field(Telex.Field(key: TreeNotice.key, text: marks)) }
    }
}
