import ArgumentParser
import Messages
import ServiceRuntime

/// A value of `--before` and `--since`: a cursor, milliseconds since 1970, an ISO-8601 time, or how long ago (`2h`).
enum TimeBound: Hashable, Sendable {
    case cursor(Cursor)
    /// Milliseconds since 1970.
    case time(Int64)
    /// That long before now.
    case ago(Duration)

    /// - Parameter offset: of a date or time that names no zone, as in ``Timestamp/parse(_:offset:)``.
    init?(_ text: String, offset: (Int64) -> Int64 = Timestamp.localOffset) {
        if let cursor = Cursor(text) {
            self = .cursor(cursor)
        } else if !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) {
            // Digits alone are a time here, never seconds ago.
            guard let time = Int64(text), time <= MessageLimits.greatestAt else { return nil }
            self = .time(time)
        } else if let time = Timestamp.parse(text, offset: offset) {
            self = .time(time)
        } else if let duration = DurationText.parse(text) {
            self = .ago(duration)
        } else {
            return nil
        }
    }

    /// The moment, in milliseconds since 1970.
    func time(now: Int64) -> Int64 {
        switch self {
        case .cursor(let cursor): cursor.time
        case .time(let time): max(0, time)
        case .ago(let duration): max(0, now - duration.milliseconds)
        }
    }

    /// Everything older than this place is before the bound.
    func cursor(now: Int64) -> Cursor? {
        if case .cursor(let cursor) = self { return cursor }
        // No id is smaller than 32 zero bytes, so a message of exactly this time is not before it.
        return MessageID(bytes: [UInt8](repeating: 0, count: 32)).map { Cursor(time: time(now: now), id: $0) }
    }
}

extension TimeBound: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
