import Messages
import ServiceRuntime

struct Search: Hashable, Sendable {
    let words: SearchQuery
    var author: PublicKey?
    var channel: Channel?
    /// Milliseconds since 1970.
    var since: Int64?
    /// The zone in which that is a date.
    var zone: String?

    /// The fields of its address, in their order.
    var fields: [(String, String)] {
        var fields = [("q", words.text)]
        if let author { fields.append(("author", author.text)) }
        if let channel { fields.append(("channel", channel.name)) }
        if let since { fields.append(("since", "\(since)")) }
        if since != nil, let zone { fields.append(("zone", zone)) }
        return fields
    }

    /// The first zone in which a day begins. Of a visitor whose zone is not known nothing of that day is missing then.
    static let firstZone = "+14:00"

    /// - Parameters:
    ///   - text: milliseconds since 1970, an ISO-8601 date or time, or how long ago.
    ///   - zone: of a date or time that names none; nil: UTC.
    static func time(_ text: String, zone: String? = nil) -> Int64? {
        let offset = zone.flatMap(Timestamp.offset(ofZone:)) ?? 0
        return Timestamp.moment(text) { _ in offset }
    }
}

/// The form of a search as a visitor filled it in.
struct SearchForm: Hashable, Sendable {
    let text: String
    let author: String
    let channel: String
    let since: String
    /// The visitor's zone, which a script tells, as `+13:00`.
    let zone: String

    init(_ query: FormFields) {
        func field(_ name: String) -> String { (query[name] ?? "").trimming(while: \.isWhitespace) }
        text = field("q")
        author = field("author")
        channel = field("channel")
        since = field("since")
        let zone = field("zone")
        self.zone = Timestamp.offset(ofZone: zone) == nil ? Search.firstZone : zone
    }

    var isEmpty: Bool { text.isEmpty && author.isEmpty && channel.isEmpty && since.isEmpty }

    /// All but the author, who may have to be looked up in a store.
    ///
    /// - Throws: what is wrong with the first field that is.
    func search() throws(Problem) -> Search {
        var search: Search
        do throws(SearchError) {
            search = Search(words: try SearchQuery(text))
        } catch {
            throw .badSearch(error)
        }
        if !channel.isEmpty {
            do throws(MessageError) {
                search.channel = try Channel(channel)
            } catch {
                throw .noSuchChannel(error.message).ofParameter
            }
        }
        if !since.isEmpty {
            guard let time = Search.time(since, zone: zone) else { throw .badSince }
            search.since = time
            search.zone = zone
        }
        return search
    }

    /// What the template shows again.
    var values: [String: Any?] {
        // A date field takes nothing but a date.
        let ahead = Timestamp.offset(ofZone: zone) ?? 0
        let date = Search.time(since, zone: zone).map { String(Timestamp.text($0 + ahead).prefix(10)) } ?? ""
        return [
            "text": text, "author": author, "channel": channel,
            // What is none is kept as it was typed.
            "since": date.isEmpty ? since : date, "sinceIsText": date.isEmpty && !since.isEmpty,
            "isNarrow": !(author.isEmpty && channel.isEmpty && since.isEmpty),
        ]
    }
}

extension StringProtocol {
    func trimming(while isDropped: (Character) -> Bool) -> String {
        var rest = Substring(drop(while: isDropped))
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return String(rest)
    }
}
