import Glibc

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

    /// Milliseconds since 1970; `nil` for anything but the form above, which is all that is sent today.
    static func milliseconds(_ text: String) -> Int64? {
        let words = text.split { $0 == " " || $0 == ":" }
        guard words.count == 8, words[0].hasSuffix(","), words[7] == "GMT", let day = Int32(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int32(words[3]),
            let hour = Int32(words[4]), let minute = Int32(words[5]), let second = Int32(words[6]),
            (1...31).contains(day), (0...9999).contains(year), (0...23).contains(hour), (0...59).contains(minute),
            (0...60).contains(second)
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
        return Int64(timegm(&parts)) * 1000
    }
}
