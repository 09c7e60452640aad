import Bus

/// What operators ask.
extension BusClient {
    /// The stores that have a receiver now.
    ///
    /// - Throws: as `directory`.
    package func stores(timeout: Duration? = nil) async throws(BusError) -> Set<StoreID> {
        Set(try await directory(timeout: timeout).receivers.map(\.store))
    }

    /// Asks one receiver of a store to do something, and waits until it has. It is not asked twice: when the receiver ends
    /// before it answers, the caller may ask again, which is harmless.
    ///
    /// - Parameter receiver: this one and no other of the store, which was asked before.
    /// - Throws: `noReceiver`, `timedOut`, `version`, `busy`, `closed`, `cancelled`, and those of `query`.
    package func control(
        _ control: Control, of store: StoreID, at receiver: ReceiverID? = nil, timeout: Duration
    ) async throws(BusError) -> Answer {
        let timeout = limited(timeout)
        do throws(BusError) {
            return try await once(control, of: store, at: receiver, timeout: timeout)
        } catch  where error.code == .noReceiver && receiver == nil {
            // Perhaps nobody of this store was asked before: a query finds who is here.
            _ = try await query(.summary, of: store)
            return try await once(control, of: store, at: nil, timeout: timeout)
        }
    }

    /// The messages that five deliveries could not place, newest first.
    ///
    /// - Parameter redeliver: puts them back into the queues of their stores.
    /// - Throws: as `directory`.
    package func deadLetters(redeliver: Bool = false, timeout: Duration? = nil) async throws(BusError) -> [DeadLetter] {
        try await ask(
            timeout, message: { id, _ in .deadLettersRequest(id, redeliver: redeliver) },
            read: { if case .deadLetters(_, let letters) = $0 { letters } else { nil } })
    }

    private func once(
        _ control: Control, of store: StoreID, at receiver: ReceiverID?, timeout: Duration
    ) async throws(BusError) -> Answer {
        try await perform { core, _, finish in
            core.receivers.control(control, of: store, at: receiver, timeout: timeout, finish: finish)
        }
    }
}
