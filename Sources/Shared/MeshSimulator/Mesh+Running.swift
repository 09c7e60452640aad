import Telehash
import TelehashWire

extension Mesh {
    /// Lets virtual time pass.
    package mutating func run(for duration: Duration) {
        run(to: now.advanced(by: duration))
    }

    package mutating func run(to end: Instant) {
        while let time = queue.nextTime, time <= end, let (_, event) = queue.next() {
            now = time
            counters.events += 1
            trace.add(UInt64(bitPattern: time.nanoseconds))
            switch event {
            case .arrival(let arrival): arrive(arrival)
            case .wake(let number): wake(number)
            case .wakePeer(let peer): wakePeer(peer)
            case .judgement(let number, let delivery): judge(delivery, at: number)
            }
        }
        now = end
    }

    private mutating func wake(_ number: Int) {
        // A wake that an earlier one replaced: what it was for has been done, or is planned anew.
        guard nodes[number].plannedWake == now else { return }
        trace.add(UInt64(number))
        nodes[number].plannedWake = .distantFuture
        guard nodes[number].isUp, !nodes[number].isFrozen else { return }
        guard nodes[number].node.nextDeadline <= clock(of: number) else { return planWake(of: number) }
        handle(at: number) { node, now, random, effects in
            node.tick(now: now, using: &random, into: &effects)
        }
    }

    /// Gives an event to a node's switch, performs the effects, and plans the next wake.
    mutating func handle(at number: Int, _ call: MeshNode.Call) {
        effects.removeAll(keepingCapacity: true)
        nodes[number].handle(now: now, into: &effects, call)
        // Performing an effect only plans events, so nothing changes the list meanwhile.
        for index in effects.indices { perform(effects[index], of: number) }
        let delivered = effects.compactMap { if case .deliver(let delivery) = $0 { delivery } else { nil } }
        planWake(of: number)
        if eventsPerAudit > 0, counters.events % eventsPerAudit == 0 { audit(number) }
        for delivery in delivered {
            if judgementDelay == .zero {
                judge(delivery, at: number)
            } else {
                queue.plan(.judgement(node: number, delivery), at: now.advanced(by: judgementDelay))
            }
        }
    }

    /// What a node's application says of signals. Nobody signs here: what has a text was said by the author it names, save what
    /// calls itself forged, and other attackers make up signals without a text, of which nobody says anything.
    private mutating func judge(_ delivery: Delivery, at number: Int) {
        guard nodes[number].isUp, !withoutReceivers.contains(number), delivery.signals["+message"] != nil
        else { return }
        let judgement: Judgement = delivery.signals["+sig"] == Mesh.forgedSignature ? .forged : .genuine
        handle(at: number) { node, now, random, effects in
            node.didJudge(
                delivery.token, delivery.signals, as: judgement, now: now, using: &random, into: &effects)
        }
    }

    /// The signature that no application takes.
    package static let forgedSignature = "forged"

    private mutating func audit(_ number: Int) {
        for excess in nodes[number].node.audit() {
            report(
                excess.rule, (excess.peer.map { "\($0): " } ?? "") + "\(excess.value), at most \(excess.limit)",
                at: number)
        }
    }

    private mutating func perform(_ effect: Effect, of number: Int) {
        switch effect {
        case .send(let datagram, let receiver):
            counters.sent += 1
            counters.sentBytes += datagram.count
            trace.add(receiver)
            trace.add(datagram)
            show(datagram, of: number, isSent: true, receiver)
            if copies.isOpen { copies.sent(datagram, by: number) }
            if !isOurs(receiver) { strangers.answered(datagram.count, to: receiver, by: number) }
            send(datagram, from: number, to: receiver)
        case .deliver(let delivery):
            trace.add(delivery)
            deliveries.append(MeshDelivery(node: number, time: now, delivery: delivery))
        case .progress(let latest):
            trace.add(latest)
            if keepsProgress { progress[latest.id] = latest }
        case .found(let report):
            trace.add(report)
            found[report.id] = report
        }
    }

    mutating func show(_ datagram: [UInt8], of node: Int, isSent: Bool, _ other: Endpoint) {
        for observer in observers {
            observer(&self, MeshSight(node: node, datagram: datagram, isSent: isSent, other: other))
        }
    }

    /// Plans when a node's switch is to be woken. A process that is stopped is not.
    package mutating func planWake(of number: Int) {
        guard !nodes[number].isFrozen else { return }
        var deadline = nodes[number].clock.meshTime(of: nodes[number].node.nextDeadline)
        guard deadline < nodes[number].plannedWake else { return }
        if deadline <= now { deadline = notBefore(now, wakeOf: number) }
        nodes[number].plannedWake = deadline
        queue.plan(.wake(node: number), at: deadline)
    }

    /// A node may have more to do at once, but not for ever.
    private mutating func notBefore(_ moment: Instant, wakeOf number: Int) -> Instant {
        nodes[number].wakesAtOneInstant = nodes[number].lastWake == moment ? nodes[number].wakesAtOneInstant + 1 : 1
        nodes[number].lastWake = moment
        guard nodes[number].wakesAtOneInstant > SimulatorLimits.wakesAtOneInstant else { return moment }
        report("a switch that keeps asking to be woken", at: number)
        return Instant(nanoseconds: moment.nanoseconds + SimulatorLimits.stallPause)
    }
}

/// A datagram that a switch sends or gets, for observers of a run.
package struct MeshSight {
    package let node: Int
    package let datagram: [UInt8]
    /// Sent by the node; otherwise it got it.
    package let isSent: Bool
    /// Who it goes to or came from.
    package let other: Endpoint
}
