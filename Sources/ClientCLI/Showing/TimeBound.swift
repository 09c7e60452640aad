import Messages
import ServiceRuntime

/// A value of `--before` and `--since`: a cursor, or a moment in one of the forms of ``Timestamp/moment(_:now:offset:)``.
enum TimeBound: Hashable, Sendable {
    case cursor(Cursor)
    /// Milliseconds since 1970.
    case time(Int64)

    /// - Parameter offset: of a date or time that names no zone, as in ``Timestamp/parse(_:offset:)``.
    init?(_ text: String, now: Int64 = Timestamp.now, offset: (Int64) -> Int64 = Timestamp.localOffset) {
        if let cursor = Cursor(text) {
            self = .cursor(cursor)
        } else if let time = Timestamp.moment(text, now: now, offset: offset) {
            self = .time(time)
        } else {
            return nil
        }
    }

    /// As a value on the command line.
    ///
    /// - Throws: what is expected.
    @Sendable static func argument(_ text: String) throws(FailureReport) -> TimeBound {
        try TimeBound(text).orExpected(
            "a time (2026-11-28, 2026-11-28T12:00Z), milliseconds, a cursor, or how long ago (2h)")
    }

    /// The moment, in milliseconds since 1970.
    var time: Int64 {
        switch self {
        case .cursor(let cursor): cursor.time
        case .time(let time): time
        }
    }

    /// Everything older than this place is before the bound.
    var cursor: Cursor? {
        if case .cursor(let cursor) = self { return cursor }
        // No id is smaller than 32 zero bytes, so a message of exactly this time is not before it.
        return MessageID(bytes: [UInt8](repeating: 0, count: 32)).map { Cursor(time: time, id: $0) }
    }
}
