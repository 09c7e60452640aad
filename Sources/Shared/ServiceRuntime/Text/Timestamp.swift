import Glibc

/// Times as milliseconds since 1970 (UTC), and their ISO-8601 text.
package enum Timestamp {
    /// The wall clock.
    package static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// `2026-11-22T19:00:00.123Z`. Years outside 0…9999 are clamped to the nearest time inside.
    package static func text(_ milliseconds: Int64) -> String {
        let time = min(max(milliseconds, earliest), latest)
        let date = calendar(time)
        let day = "\(padded(date.tm_year + 1_900, 4))-\(padded(date.tm_mon + 1, 2))-\(padded(date.tm_mday, 2))"
        let clock = "\(padded(date.tm_hour, 2)):\(padded(date.tm_min, 2)):\(padded(date.tm_sec, 2))"
        return "\(day)T\(clock).\(padded(time - seconds(time) * 1_000, 3))Z"
    }

    /// Reads `2026-11-22`, `2026-11-22T19:00`, `2026-11-22T19:00:00.123Z`, `…+01:00`.
    ///
    /// - Parameter offset: how far ahead of UTC the zone is of a time that names none, milliseconds; given the time as if it
    ///   were UTC.
    /// - Returns: nil for anything else or an impossible date.
    package static func parse(_ text: String, offset: (Int64) -> Int64 = { _ in 0 }) -> Int64? {
        var rest = Substring(text)
        guard let year = take(4, from: &rest), drop("-", from: &rest), let month = take(2, from: &rest),
            drop("-", from: &rest), let day = take(2, from: &rest), let midnight = midnight(year, month, day)
        else { return nil }
        if rest.isEmpty { return midnight - offset(midnight) }
        guard drop("T", from: &rest) || drop(" ", from: &rest), let time = timeOfDay(&rest) else { return nil }
        if rest.isEmpty { return midnight + time - offset(midnight + time) }
        guard let named = zone(&rest), rest.isEmpty else { return nil }
        return midnight + time - named
    }

    /// A time as people give one: milliseconds since 1970, as ``parse(_:offset:)`` takes it, or how long ago (`2h`).
    ///
    /// - Returns: milliseconds since 1970, 0 or more.
    package static func moment(_ text: String, now: Int64 = now, offset: (Int64) -> Int64) -> Int64? {
        // Up to where every reader of JSON takes a number for what it is.
        if text.first != "+", let time = Int64(text) { return (0...(1 << 53)).contains(time) ? time : nil }
        if let time = parse(text, offset: offset) { return max(0, time) }
        // A number without a unit counts from 1970, and that has no fraction.
        guard text.last?.isLetter == true, let ago = DurationText.parse(text) else { return nil }
        return max(0, now - ago.inMilliseconds)
    }

    /// How far ahead of UTC a zone is: `Z`, `+13:00`, `-0330`. Milliseconds; nil for anything else.
    package static func offset(ofZone text: String) -> Int64? {
        var rest = Substring(text)
        guard let offset = zone(&rest), rest.isEmpty, !text.isEmpty else { return nil }
        return offset
    }

    /// How far ahead of UTC this machine's zone is.
    ///
    /// - Parameter local: the time there as if it were UTC, milliseconds since 1970. One that summer time leaves out, or has
    ///   twice, is one of those that it may be.
    package static func localOffset(_ local: Int64) -> Int64 {
        let local = min(max(local, earliest), latest)
        var date = calendar(local)
        // Whether it is summer time there is not known.
        date.tm_isdst = -1
        return (seconds(local) - Int64(mktime(&date))) * 1_000
    }

    // MARK: parts

    /// The begin of year 0, and the end of year 9999.
    private static let (earliest, latest): (Int64, Int64) = (-62_167_219_200_000, 253_402_300_799_999)

    private static func timeOfDay(_ rest: inout Substring) -> Int64? {
        guard let hour = take(2, from: &rest), hour < 24, drop(":", from: &rest), let minute = take(2, from: &rest),
            minute < 60
        else { return nil }
        var time = hour * 3_600_000 + minute * 60_000
        guard drop(":", from: &rest) else { return time }
        guard let second = take(2, from: &rest), second < 60 else { return nil }
        time += second * 1_000
        guard drop(".", from: &rest) else { return time }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count <= 9 else { return nil }
        rest = rest.dropFirst(digits.count)
        return Int64((digits + "00").prefix(3)).map { time + $0 }
    }

    private static func zone(_ rest: inout Substring) -> Int64? {
        if rest.isEmpty || drop("Z", from: &rest) { return 0 }
        let isAhead = drop("+", from: &rest)
        guard isAhead || drop("-", from: &rest), let hours = take(2, from: &rest), hours < 24 else { return nil }
        _ = drop(":", from: &rest)
        guard let minutes = take(2, from: &rest), minutes < 60 else { return nil }
        let offset = hours * 3_600_000 + minutes * 60_000
        return isAhead ? offset : -offset
    }

    private static func take(_ count: Int, from rest: inout Substring) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        rest = rest.dropFirst(count)
        return Int64(digits)
    }

    private static func drop(_ character: Character, from rest: inout Substring) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    // MARK: the calendar

    /// Whole seconds, of times before 1970 as well.
    private static func seconds(_ milliseconds: Int64) -> Int64 {
        (milliseconds >= 0 ? milliseconds : milliseconds - 999) / 1_000
    }

    private static func calendar(_ milliseconds: Int64) -> tm {
        var seconds = time_t(seconds(milliseconds))
        var date = tm()
        gmtime_r(&seconds, &date)
        return date
    }

    /// When the day begins; nil for one that is in no calendar.
    private static func midnight(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        var date = tm()
        (date.tm_year, date.tm_mon, date.tm_mday) = (Int32(year - 1_900), Int32(month - 1), Int32(day))
        let seconds = Int64(timegm(&date))
        // Of 30 February the system makes a day in March.
        return date.tm_mon + 1 == month && date.tm_mday == day ? seconds * 1_000 : nil
    }
}
