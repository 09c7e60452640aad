import ServiceRuntime

/// A point in time for people, in UTC: the page is the same for everybody, scripts make it local.
enum When {
    /// `22 Nov 2026, 19:50 UTC`
    static func text(_ milliseconds: Int64) -> String {
        // yyyy-mm-ddThh:mm:ss.mmmZ
        let iso = Timestamp.text(milliseconds).split { "-T:.Z".contains($0) }
        guard iso.count == 7, let month = Int(iso[1]), HTTPDate.months.indices.contains(month - 1),
            let day = Int(iso[2])
        else {
            return Timestamp.text(milliseconds)
        }
        return "\(day) \(HTTPDate.months[month - 1]) \(iso[0]), \(iso[3]):\(iso[4]) UTC"
    }

    /// `3 hours`, `12 minutes`, `2 days`: the largest unit, rounded down.
    static func span(_ milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute")]
        for (length, name) in units where milliseconds >= length {
            return counted(milliseconds / length, name)
        }
        return "less than a minute"
    }
}
