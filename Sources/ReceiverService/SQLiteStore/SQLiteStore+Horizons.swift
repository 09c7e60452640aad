import Foundation
import GRDB
import ReceiverStore
import TelehashWire

extension SQLiteStore {
    static func horizons(in db: Database) throws -> [NodeID: Int64] {
        let statement = try db.cachedStatement(sql: #"SELECT "end", horizon FROM channels WHERE horizon IS NOT NULL"#)
        return try GRDB.Row.fetchAll(statement).reduce(into: [:]) { horizons, row in
            if let end = NodeID(bytes: row[0] as Data) { horizons[end] = row[1] }
        }
    }
}
