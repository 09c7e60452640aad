import Glibc
import ServiceRuntime

/// Dates as HTTP and RSS write them: `Sun, 22 Nov 2026 19:50:00 GMT` (RFC 9110, section 5.6.7; RFC 822).
enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter milliseconds: since 1970; moments outside of the years 0 to 9999 become the nearest inside.
    static func text(_ milliseconds: Int64) -> String { text(milliseconds, "%a, %d %b %04Y %H:%M:%S GMT") }

    /// - Parameter form: as `strftime` reads it; the names of days and months are English.
    fileprivate static func text(_ milliseconds: Int64, _ form: String) -> String {
        var seconds = time_t(min(max(milliseconds / 1000, -62_167_219_200), 253_402_300_799))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return String(unsafeUninitializedCapacity: 64) { bytes in
            bytes.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, form, &parts) }
        }
    }

    /// Milliseconds since 1970. Takes the form above and the two older ones that a server has to know:
    /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`; nil for anything else.
    ///
    /// - Parameter now: milliseconds since 1970. A year of two digits is one of the last hundred, or of the next fifty.
    static func milliseconds(_ text: String, now: Int64 = Timestamp.now) -> Int64? {
        let words = text.split(separator: " ").map(String.init)
        switch words.count {
        case 6 where words[0].hasSuffix(",") && words[5] == "GMT":
            return milliseconds(words[3], words[2], words[1], words[4])
        case 4 where words[0].hasSuffix(",") && words[3] == "GMT":
            let date = words[1].split(separator: "-").map(String.init)
            guard date.count == 3, date[2].utf8.count == 2, let short = Int(date[2]),
                let thisYear = Int(Timestamp.text(now).prefix(4))
            else { return nil }
            let year = thisYear - thisYear % 100 + short
            return milliseconds("\(year > thisYear + 50 ? year - 100 : year)", date[1], date[0], words[2])
        case 5: return milliseconds(words[4], words[1], words[2], words[3])
        default: return nil
        }
    }

    private static func milliseconds(_ year: String, _ month: String, _ day: String, _ time: String) -> Int64? {
        guard let month = months.firstIndex(of: month).map({ "\($0 + 1)" }) else { return nil }
        func two(_ digits: String) -> String { digits.utf8.count == 1 ? "0" + digits : digits }
        return Timestamp.parse("\(year)-\(two(month))-\(two(day))T\(time)Z")
    }
}

/// A point in time for people, in UTC: the page is the same for everybody, scripts make it local.
enum When {
    /// `22 Nov 2026, 19:50 UTC`
    static func text(_ milliseconds: Int64) -> String { HTTPDate.text(milliseconds, "%-d %b %04Y, %H:%M UTC") }

    /// `3 hours`, `12 minutes`, `2 days`: the largest unit, rounded down.
    static func span(_ milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute")]
        for (length, name) in units where milliseconds >= length {
            return counted(milliseconds / length, name)
        }
        return "less than a minute"
    }
}
