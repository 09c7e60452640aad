import Messages

/// A message's place in the order of a wall, which is that of (sort time, id), as one number: the time, then the first bits
/// of the id. An index that holds it takes a third of what one of times and ids does.
///
/// Two messages of one millisecond share it once in a million; where that matters the id decides.
enum Place {
    private static let bitsOfID = 20
    /// Milliseconds that fit beside these bits: to the year 2248.
    private static let latest: Int64 = 1 << (63 - bitsOfID) - 1

    static func of(_ time: Int64, _ id: MessageID) -> Int64 {
        let bytes = id.bytes
        return start(of: time) | Int64(bytes[0]) << 12 | Int64(bytes[1]) << 4 | Int64(bytes[2] >> 4)
    }

    /// The first of a time.
    static func start(of time: Int64) -> Int64 { min(max(time, 0), latest) << bitsOfID }

    static func time(_ place: Int64) -> Int64 { place >> bitsOfID }

    /// For statements.
    static func timeSQL(_ column: String) -> String { "\(column) >> \(bitsOfID)" }
}
