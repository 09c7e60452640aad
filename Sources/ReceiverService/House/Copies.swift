import Bus
import ReceiverStore
import Synchronization

/// The copy of the store that a client takes away piece by piece: one at a time, and not for ever. A client that is gone, or
/// never asks on, costs its room on the disk until then.
final class Copies: Sendable {
    private struct Held {
        let number: UInt64
        let copy: any StoreCopy
        let begun: ContinuousClock.Instant
        var asked: ContinuousClock.Instant
    }

    private let held = Mutex<Held?>(nil)

    /// Makes a copy. Calls come one after the other.
    func begin(
        of store: any Store, for receiver: ReceiverID, now: () -> ContinuousClock.Instant = { .now }
    ) throws(StoreError) -> CopyTicket {
        sweep(now: now())
        guard held.withLock({ $0 == nil }) else { throw .copyUnderWay }
        let copy = try store.copy()
        let number = UInt64.random(in: 0 ... .max)
        // What it took to make it doesn't count.
        let now = now()
        held.withLock { $0 = Held(number: number, copy: copy, begun: now, asked: now) }
        return CopyTicket(receiver: receiver, number: number, bytes: copy.bytes)
    }

    func piece(_ number: UInt64, from offset: UInt64, now: ContinuousClock.Instant = .now) throws(StoreError)
        -> CopyPiece
    {
        sweep(now: now)
        let copy = held.withLock { held in
            guard held?.number == number else { return (any StoreCopy)?.none }
            held?.asked = now
            return held?.copy
        }
        guard let copy else { throw .copyGone }
        return CopyPiece(bytes: try copy.read(from: offset, count: BusLimits.copyPieceBytes))
    }

    /// - Returns: its bytes; 0 for one that is gone.
    @discardableResult
    func end(_ number: UInt64) -> UInt64 { drop { $0.number == number } ?? 0 }

    /// Lets a copy go whose client is silent, or too slow.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    func sweep(now: ContinuousClock.Instant) -> Bool {
        drop { $0.asked.duration(to: now) >= Limits.copyIdle || $0.begun.duration(to: now) >= Limits.copyTime } != nil
    }

    private func drop(where isMeant: (Held) -> Bool) -> UInt64? {
        let dropped = held.withLock { held in
            guard let one = held, isMeant(one) else { return Held?.none }
            held = nil
            return one
        }
        dropped?.copy.close()
        return dropped?.copy.bytes
    }
}

extension Household {
    /// Carries out one step of a backup.
    func carryOut(_ step: CopyStep) async throws(StoreError) -> Answer.Body {
        switch step {
        case .begin:
            let ticket = try await copying.run { try copies.begin(of: store, for: receiver) }
            logger.notice("a backup began", metadata: ["bytes": "\(ticket.bytes)"])
            return .copy(ticket)
        case .piece(let number, let offset):
            return .piece(try await copying.run { try copies.piece(number, from: offset) })
        case .end(let number):
            let bytes = copies.end(number)
            logger.notice("a backup ended", metadata: ["bytes": "\(bytes)"])
            return .done(bytes)
        }
    }

    /// Until the task is cancelled.
    func letCopiesGo() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Limits.copyPause)
            guard copies.sweep(now: .now) else { continue }
            counters.add("backups_broken_off")
            logger.warning("a backup was broken off: its client asked for nothing more, or took too long")
        }
    }
}
