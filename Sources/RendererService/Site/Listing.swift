import Bus
import Messages

/// What a page, a feed or a list lists.
enum Listing: Hashable, Sendable {
    /// Everything that this node has.
    case wall
    case channel(Channel)
    case author(PublicKey)
    case search(Search)

    var isSearch: Bool { if case .search = self { true } else { false } }

    var channel: Channel? { if case .channel(let channel) = self { channel } else { nil } }

    /// The address of its page under the base path, without a query.
    var path: String {
        switch self {
        case .wall: "/tweets"
        case .channel(let channel): "/channels/\(Percent.encoded(channel.name))"
        case .author(let key): "/authors/\(key.text)"
        case .search: "/search"
        }
    }

    /// The address of a page of it under the base path.
    ///
    /// - Parameter before: where the page begins; nil for the newest.
    func address(before: Cursor? = nil) -> String { path + query(before: before) }

    /// The address of a feed of it under the base path.
    func address(of format: FeedFormat, before: Cursor? = nil) -> String {
        (self == .wall ? "" : path) + "/\(format.fileName)" + query(before: before)
    }

    private func query(before: Cursor?) -> String {
        var fields: [(String, String)] = []
        if case .search(let search) = self { fields = search.fields }
        if let before { fields.append(("before", before.description)) }
        guard !fields.isEmpty else { return "" }
        return "?" + fields.map { "\($0)=\(Percent.encoded($1))" }.joined(separator: "&")
    }

    /// What it is called where nothing else says whose wall this is.
    func title(on wall: String) -> String {
        switch self {
        case .wall: wall
        case .channel(let channel): "#\(channel.name) · \(wall)"
        case .author(let key): "\(MessageView.short(key)) · \(wall)"
        case .search(let search): "“\(search.words.text)” · \(wall)"
        }
    }

    func query(before: Cursor? = nil, limit: UInt32) -> Query.Timeline {
        switch self {
        case .wall: Query.Timeline(before: before, limit: limit)
        case .channel(let channel): Query.Timeline(before: before, end: channel.end, limit: limit)
        case .author(let key): Query.Timeline(before: before, author: key, limit: limit)
        case .search(let search):
            Query.Timeline(
                before: before, since: search.since, end: search.channel?.end, author: search.author,
                search: search.words, limit: limit)
        }
    }
}
