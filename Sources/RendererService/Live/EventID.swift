import Bus
import BusClient

/// The id of a live event: a place in the order of commits of one store, written `STOREID:POSITION`.
struct EventID: Hashable, Sendable, CustomStringConvertible {
    let store: StoreID
    let position: UInt64

    init(store: StoreID, position: UInt64) {
        self.store = store
        self.position = position
    }

    /// - Parameter text: as ``description`` writes it; nil for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let store = StoreID(String(text[..<colon])) else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...20).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let position = UInt64(digits)
        else { return nil }
        self.init(store: store, position: position)
    }

    var description: String { "\(store):\(position)" }
}

extension FeedMessage {
    var eventID: EventID { EventID(store: store, position: position) }
}
