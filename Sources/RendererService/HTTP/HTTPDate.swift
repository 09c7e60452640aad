import Glibc
import ServiceRuntime

/// Dates as HTTP and RSS write them: `Sun, 22 Nov 2026 19:50:00 GMT` (RFC 9110, section 5.6.7; RFC 822).
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter milliseconds: since 1970; moments outside of the years 0 to 9999 become the nearest inside.
    static func text(_ milliseconds: Int64) -> String {
        var seconds = time_t(min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999) / 1000)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "" }
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        let year = String(parts.tm_year + 1900)
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + String(repeating: "0", count: max(0, 4 - year.utf8.count)) + year
            + " \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }

    /// Milliseconds since 1970. Takes the form above and the two older ones that a server has to know:
    /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`; nil for anything else.
    ///
    /// - Parameter now: milliseconds since 1970. A year of two digits is one of the last hundred, or of the next fifty.
    static func milliseconds(_ text: String, now: Int64 = Timestamp.now) -> Int64? {
        let words = text.split { $0 == " " || $0 == ":" }.map(String.init)
        switch words.count {
        case 8 where words[0].hasSuffix(",") && words[7] == "GMT":
            guard let year = number(words[3], 0...9999) else { return nil }
            return milliseconds(year: year, words[2], words[1], words[4...6])
        case 6 where words[0].hasSuffix(",") && words[5] == "GMT":
            let date = words[1].split(separator: "-").map(String.init)
            guard date.count == 3, date[2].utf8.count == 2, let short = number(date[2], 0...99) else { return nil }
            var seconds = time_t(now / 1000)
            var parts = tm()
            guard gmtime_r(&seconds, &parts) != nil else { return nil }
            let thisYear = parts.tm_year + 1900
            var year = thisYear - thisYear % 100 + short
            if year > thisYear + 50 { year -= 100 }
            return milliseconds(year: year, date[1], date[0], words[2...4])
        case 7:
            guard let year = number(words[6], 0...9999) else { return nil }
            return milliseconds(year: year, words[1], words[2], words[3...5])
        default: return nil
        }
    }

    private static func milliseconds(
        year: Int32, _ month: String, _ day: String, _ time: ArraySlice<String>
    ) -> Int64? {
        let time = Array(time)
        guard let month = months.firstIndex(of: month), let day = number(day, 1...31),
            let hour = number(time[0], 0...23), let minute = number(time[1], 0...59),
            let second = number(time[2], 0...60)
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
        return Int64(timegm(&parts)) * 1000
    }

    private static func number(_ text: String, _ range: ClosedRange<Int32>) -> Int32? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int32(text) else { return nil }
        return range.contains(number) ? number : nil
    }
}
