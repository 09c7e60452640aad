import Bus
import GRDB
import ReceiverStore

extension SQLiteStore {
    func replicaPosition(of other: StoreID) throws(StoreError) -> UInt64 {
        try reading { db in
            let statement = try db.cachedStatement(sql: "SELECT position FROM replicas WHERE store = ?")
            return UInt64(clamping: try Int64.fetchOne(statement, arguments: [other.description]) ?? 0)
        }
    }

    func setReplicaPosition(of other: StoreID, to position: UInt64) throws(StoreError) {
        try writing { db in
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO replicas (store, position) VALUES (?, ?)
                    ON CONFLICT (store) DO UPDATE SET position = excluded.position
                    """)
            try statement.execute(arguments: [other.description, Int64(clamping: position)])
        }
    }
}
