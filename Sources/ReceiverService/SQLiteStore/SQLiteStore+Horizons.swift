import Foundation
import GRDB
import ReceiverStore
import TelehashWire

extension SQLiteStore {
    func horizons() async throws(StoreError) -> [NodeID: Int64] {
        try reading { db in
            let statement = try db.cachedStatement(
                sql: #"SELECT "end", horizon FROM channels WHERE horizon IS NOT NULL"#)
            return try GRDB.Row.fetchAll(statement).reduce(into: [:]) { horizons, row in
                if let end = NodeID(bytes: row[0] as Data) { horizons[end] = row[1] }
            }
        }
    }
}
