import Bus
import Messages

/// What a page, a feed or a list lists.
enum Listing: Hashable, Sendable {
    /// Everything that this node has.
    case wall
    case channel(Channel)
    case author(PublicKey)

    /// The address of its page under the base path.
    var path: String {
        switch self {
        case .wall: "/tweets"
        case .channel(let channel): "/channels/\(Percent.encoded(channel.name))"
        case .author(let key): "/authors/\(key.text)"
        }
    }

    /// The address of its feed under the base path.
    func path(of format: FeedFormat) -> String {
        self == .wall ? "/\(format.fileName)" : "\(path)/\(format.fileName)"
    }

    /// What it is called where nothing else says that this is p2pmsg.
    var title: String {
        switch self {
        case .wall: "p2pmsg"
        case .channel(let channel): "#\(channel.name) · p2pmsg"
        case .author(let key): "\(MessageView.short(key)) · p2pmsg"
        }
    }

    func query(before: Cursor? = nil, limit: UInt32) -> Query.Timeline {
        switch self {
        case .wall: Query.Timeline(before: before, limit: limit)
        case .channel(let channel): Query.Timeline(before: before, end: channel.end, limit: limit)
        case .author(let key): Query.Timeline(before: before, author: key, limit: limit)
        }
    }
}
