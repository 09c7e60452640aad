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
        let days = floorDivision(time, by: 86_400_000)
        let date = civilDate(days: days)
        let rest = time - days * 86_400_000
        return
            "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(padded(rest / 3_600_000, 2)):"
            + "\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1_000 % 60, 2)).\(padded(rest % 1_000, 3))Z"
    }

    /// Reads `2026-11-22`, `2026-11-22T19:00`, `2026-11-22T19:00:00.123Z`, `…+01:00`.
    ///
    /// - Parameter offset: how far ahead of UTC the zone is of a time that names none, milliseconds; given the time as if it
    ///   were UTC.
    /// - Returns: nil for anything else or an impossible date.
    package static func parse(_ text: String, offset: (Int64) -> Int64 = { _ in 0 }) -> Int64? {
        var rest = Substring(text)
        guard let year = take(4, from: &rest), drop("-", from: &rest), let month = take(2, from: &rest),
            drop("-", from: &rest), let day = take(2, from: &rest), isDate(year, month, day)
        else { return nil }
        let midnight = days(year: year, month: month, day: day) * 86_400_000
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
        if let time = Int64(text) { return (0...(1 << 53)).contains(time) ? time : nil }
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
        let days = floorDivision(local, by: 86_400_000)
        let date = civilDate(days: days)
        let seconds = (local - days * 86_400_000) / 1_000
        var parts = tm()
        parts.tm_year = Int32(date.year - 1_900)
        parts.tm_mon = Int32(date.month - 1)
        parts.tm_mday = Int32(date.day)
        parts.tm_hour = Int32(seconds / 3_600)
        parts.tm_min = Int32(seconds / 60 % 60)
        parts.tm_sec = Int32(seconds % 60)
        // Whether it is summer time there is not known.
        parts.tm_isdst = -1
        return floorDivision(local, by: 1_000) * 1_000 - Int64(mktime(&parts)) * 1_000
    }

    // MARK: parts

    private static let earliest: Int64 = days(year: 0, month: 1, day: 1) * 86_400_000
    private static let latest: Int64 = days(year: 10_000, month: 1, day: 1) * 86_400_000 - 1

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

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    // MARK: the proleptic Gregorian calendar in eras of 400 years (Howard Hinnant, "chrono-compatible date algorithms")

    private static func isDate(_ year: Int64, _ month: Int64, _ day: Int64) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let date = civilDate(days: days(year: year, month: month, day: day))
        return date.month == month && date.day == day
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivision(shifted, by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civilDate(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivision(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func floorDivision(_ number: Int64, by divisor: Int64) -> Int64 {
        (number >= 0 ? number : number - (divisor - 1)) / divisor
    }
}
