import Bus
import Glibc
import Messages
import ReceiverStore
import TelehashWire

/// The dear check, on all cores and off the bus's thread.
///
/// What arrives together is shared out in batches of at most ``Limits/verifyBatch``, each a task. How many wait is
/// bounded by ``Limits/deliveriesUnderWay``.
final class Verifier: Sendable {
    private let store: any Storing
    private let writer: Writer
    private let admission: Admission
    private let settle: @Sendable ([Settled]) -> Void

    /// - Parameters:
    ///   - writer: gets what may be stored.
    ///   - settle: gets what is refused, and duplicates.
    init(store: any Storing, writer: Writer, admission: Admission, settle: @escaping @Sendable ([Settled]) -> Void) {
        self.store = store
        self.writer = writer
        self.admission = admission
        self.settle = settle
    }

    func verify(_ parcels: [Parcel]) {
        writer.expect(parcels.count)
        // Few messages are spread, too: the last of them is what the transaction waits for.
        let share = (parcels.count + Self.cores - 1) / Self.cores
        let size = min(Limits.verifyBatch, max(1, share))
        var rest = parcels[...]
        while !rest.isEmpty {
            let batch = rest.prefix(size)
            rest = rest.dropFirst(size)
            Task.detached(priority: .medium) { [self] in await check(batch) }
        }
    }

    private static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    private func check(_ batch: ArraySlice<Parcel>) async {
        let known = await Known(of: batch, store: store, standings: admission.standings)
        var settled: [Settled] = []
        var accepted: [Parcel] = []
        for var parcel in batch {
            let standing = known.standings[parcel.message.key] ?? .known
            if let outcome = known.outcome(of: parcel, standing) {
                // A blocked author is not to cost more by writing more: the peer pays as for a check.
                if outcome != .refused(.keyBlocked) { admission.rates.passUnchecked(parcel.toll) }
                settled.append(Settled(parcel: parcel, outcome: outcome))
            } else if let refusal = refusal(of: &parcel, standing, isNew: !known.stored.contains(parcel.message.id)) {
                settled.append(Settled(parcel: parcel, outcome: .refused(refusal)))
            } else if known.stored.contains(parcel.message.id) {
                settled.append(Settled(parcel: parcel, outcome: .duplicate))
            } else {
                accepted.append(parcel)
            }
        }
        writer.write(accepted, of: batch.count)
        if !settled.isEmpty { settle(settled) }
    }

    /// What is stored is not charged again, but its signature is looked at: the id covers none, and that of a stored message
    /// is a good place for a forger's.
    ///
    /// Strangers of the mesh pay before anybody looks, and get it back if the signature is wrong: of a flood of theirs no more is
    /// checked than may be stored, and what others have written does not wait behind it.
    private func refusal(of parcel: inout Parcel, _ standing: Standing, isNew: Bool) -> Refusal? {
        let paysFirst = standing == .stranger && isNew && !parcel.isEarly && !parcel.delivery.source.isOwn
        if paysFirst, let refusal = charge(&parcel, standing) { return refusal }
        do throws(MessageError) {
            try parcel.message.checkSignature()
        } catch {
            admission.rates.giveBack(parcel.toll)
            return Refusal(error)
        }
        return isNew && !paysFirst ? charge(&parcel, standing) : nil
    }

    private func charge(_ parcel: inout Parcel, _ standing: Standing) -> Refusal? {
        let arrivedAt = parcel.receivedAt - parcel.toll.waited.wholeMilliseconds
        return admission.rates.charge(
            AuthorAccount(of: parcel.message, arrivedAt: arrivedAt), standing, isEarly: parcel.isEarly,
            from: parcel.delivery.source, to: &parcel.toll)
    }
}

/// What the store knows of some deliveries: reads of some microseconds that save the checks of signatures. When they fail,
/// the transaction will tell.
private struct Known {
    private let screening: Screening
    /// Of those who sent something over the mesh or the page.
    let standings: [PublicKey: Standing]

    init(of batch: ArraySlice<Parcel>, store: any Storing, standings: Standings) async {
        let authors = Set(batch.map(\.message.key))
        screening = (try? await store.screening(of: batch.map(\.message.id), by: authors)) ?? Screening()
        let foreign = batch.filter { $0.delivery.source != .client }
        self.standings = foreign.isEmpty ? [:] : await standings.of(Set(foreign.map(\.message.key)))
    }

    var stored: Set<MessageID> { screening.stored }

    /// What is to be said of one without a look at its signature.
    func outcome(of parcel: Parcel, _ standing: Standing) -> Ack.Outcome? {
        let message = parcel.message
        if screening.blocked.contains(message.key) { return .refused(.keyBlocked) }
        let time = StoredMessage(message: message, receivedAt: parcel.receivedAt, channel: nil).sortTime
        if let horizon = screening.horizons[message.end], time <= horizon, !stored.contains(message.id) {
            return .refused(.expired)
        }
        if parcel.toll.isExempt, standing == .stranger { return .refused(.sourceRateLimited) }
        return nil
    }
}
