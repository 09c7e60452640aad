import Bus
import Glibc
import Messages
import ReceiverStore

/// The dear check, on all cores and off the bus's thread.
///
/// What arrives together is shared out in batches of at most ``Limits/verifyBatch``, each a task. How many wait is
/// bounded by ``Limits/deliveriesUnderWay``.
final class Verifier: Sendable {
    private let store: any Storing
    private let writer: Writer
    private let policy: Policy
    private let settle: @Sendable ([Settled]) -> Void

    /// - Parameters:
    ///   - writer: gets what may be stored.
    ///   - settle: gets what is refused, and duplicates.
    init(store: any Storing, writer: Writer, policy: Policy, settle: @escaping @Sendable ([Settled]) -> Void) {
        self.store = store
        self.writer = writer
        self.policy = policy
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
            Task.detached(priority: .high) { [self] in await check(batch) }
        }
    }

    private static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    private func check(_ batch: ArraySlice<Parcel>) async {
        // A read of some microseconds saves the check of a signature. When it fails, the transaction will tell.
        let known = (try? await store.stored(among: batch.map(\.message.id))) ?? []
        var settled: [Settled] = []
        var accepted: [Parcel] = []
        for parcel in batch {
            if known.contains(parcel.message.id) {
                settled.append(Settled(parcel: parcel, outcome: .duplicate))
            } else if let refusal = refusal(of: parcel) {
                settled.append(Settled(parcel: parcel, outcome: .refused(refusal)))
            } else {
                accepted.append(parcel)
            }
        }
        writer.write(accepted, of: batch.count)
        if !settled.isEmpty { settle(settled) }
    }

    private func refusal(of parcel: Parcel) -> Refusal? {
        do throws(MessageError) { try parcel.message.checkSignature() } catch { return Refusal(error) }
        return policy.refusal(ofProven: parcel.message, from: parcel.delivery.source)
    }
}
