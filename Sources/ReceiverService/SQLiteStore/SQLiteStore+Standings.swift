import GRDB
import Messages
import ReceiverStore

extension SQLiteStore {
    func standings(of keys: [PublicKey], now: Int64) async throws(StoreError) -> [PublicKey: Standing] {
        let day: Int64 = 86_400_000
        return try reading { db in
            let known = try db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM rules WHERE kind IN (3, 4) AND active = 1 AND subject = CAST(? AS BLOB))
                    """)
            let settled = try db.cachedStatement(
                sql: """
                    SELECT min(m.received_at) < ? AND 100 * sum(length(m.message)) < (SELECT sum(bytes) FROM channels)
                    FROM messages AS m JOIN authors AS a ON a.author = m.author WHERE a.key = ?
                    """)
            var standings: [PublicKey: Standing] = [:]
            for key in keys {
                if try Bool.fetchOne(known, arguments: [key.text]) == true {
                    standings[key] = .known
                } else {
                    let isSettled = try Bool.fetchOne(settled, arguments: [now - day, key.text]) == true
                    standings[key] = isSettled ? .settled : .stranger
                }
            }
            return standings
        }
    }
}
