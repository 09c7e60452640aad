import GRDB
import ReceiverStore

extension SQLiteStore {
    /// What an opening found out about the seals.
    enum Seals {
        case whole
        /// The store is too large to wait for.
        case unchecked
        /// Some or all pages have none.
        case missing
    }

    /// Looks at the seals of all pages, or, of a large store, only at the page that was found damaged before.
    ///
    /// - Throws: ``StoreError`` `damaged`.
    static func checkSeals(_ db: Database, path: String) throws -> Seals {
        guard var check = PageCheck(db, path: path) else { return .missing }
        let mark = DamageMark(store: path)
        if let marked = mark.page {
            if marked >= 1, marked <= check.pages { try check.look(at: [marked]) }
            mark.remove()
        }
        guard check.bytes <= Limits.bytesCheckedAtOpening else { return .unchecked }
        if check.pages > 0 { try check.look(at: 1...check.pages) }
        return check.unsealed == 0 ? .whole : .missing
    }

    func failure() async -> StoreError? {
        // Ends with this function.
        async let _ = checkPages()
        return await alarm.damage()
    }

    /// Looks, beside the work, at all pages that the opening did not; at ``Limits/checkedPages`` a ``Limits/checkPause``.
    /// Damage raises the alarm.
    func checkPages() async {
        guard !isChecked else { return }
        var next: UInt32 = 1
        while !Task.isCancelled {
            do {
                let first = next
                let reached = try await pool.read { [path] db -> UInt32? in
                    guard var check = PageCheck(db, path: path), first <= check.pages else { return nil }
                    let last = min(check.pages, first + Limits.checkedPages - 1)
                    try check.look(at: first...last)
                    return last
                }
                guard let reached else { return }
                next = reached + 1
                try await Task.sleep(for: Limits.checkPause)
            } catch let error as StoreError {
                notice(error)
                return
            } catch is CancellationError {
                return
            } catch {
                // Whatever it is, the work meets it too, and says so.
                return
            }
        }
    }
}
