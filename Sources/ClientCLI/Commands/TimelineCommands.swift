import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

struct ListCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List stored messages, newest first.",
        discussion: Help.text(
            TimelineOptions.discussion, json: Help.message,
            examples: [
                "p2pmsg list", "p2pmsg list --author Ada --since 7d",
                "p2pmsg list --channel garden --limit 1000 --json",
            ]))
    static let settings = TimelineOptions.settings

    @OptionGroup var options: TimelineOptions

    func run() async throws {
        try await options.print(matching: nil, as: "list")
    }
}

struct SearchCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search stored messages, newest first.",
        discussion: Help.text(
            """
            All words must be in a message, whatever their case and accents; "words in quotation marks" in a row, -word \
            not at all, and wor* is the beginning of a word. Quote the whole for the shell: 'coffee "red cat" -tea'.

            \(TimelineOptions.discussion)
            """, json: Help.message,
            examples: ["p2pmsg search coffee", "p2pmsg search 'coffee \"red cat\" -tea' --since 30d"]))
    static let settings = TimelineOptions.settings

    static let freeText = FreeText.search

    @Argument(help: ArgumentHelp("What to search for.", valueName: "query"))
    var words: [String]

    @OptionGroup var options: TimelineOptions

    func validate() throws {
        _ = try search()
    }

    func run() async throws {
        try await options.print(matching: search(), as: "search")
    }

    private func search() throws -> SearchQuery {
        do { return try SearchQuery(words.joined(separator: " ")) } catch { throw ValidationError("\(error)") }
    }
}

struct TimelineOptions: ParsableArguments {
    static let settings: [Setting] =
        NodeOptions.settings + [.limit, .before, .since, .channel, .author]

    static let discussion = """
        --before and --since take a cursor (time-id), milliseconds since 1970, an ISO-8601 date or time (of this \
        machine's zone unless it names one) or how long ago (30s, 2h, 7d). --since CURSOR begins after that message.
        """

    @Option(help: .of(.limit, "n"))
    var limit = 50

    @Option(help: .of(.before, "time"), transform: TimeBound.argument)
    var before: TimeBound?

    @Option(help: .of(.since, "time"), transform: TimeBound.argument)
    var since: TimeBound?

    @Option(help: .of(.channel, "name", "(default: all)"), transform: Channel.argument)
    var channel: Channel?

    @Option(help: .of(.author, "key"))
    var author: KeyReference?

    @OptionGroup var node: NodeOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    /// Prints the newest messages within the bounds.
    ///
    /// - Parameter command: which one prints them.
    func print(matching search: SearchQuery?, as command: String) async throws {
        try await node.withClient(of: command) { try await printPages(of: $0, matching: search) }
    }

    private func printPages(of client: BusClient, matching search: SearchQuery?) async throws {
        var author: PublicKey?
        if let reference = self.author { author = try await node.finder(client).key(reference) }
        var place = before?.cursor
        var left = limit
        while left > 0 {
            let rows = min(left, Limits.pageRows)
            let query = Query.timeline(
                Query.Timeline(
                    before: place, since: since?.time, end: channel?.end, author: author,
                    search: search, limit: UInt32(rows)))
            let page = try await client.query(query, timeout: node.timeout).value(\.page)
            for row in page.rows.prefix(left) {
                if case .cursor(let bound)? = since, row.stored.cursor <= bound { return }
                try StandardStreams.out(text(of: row))
                left -= 1
                place = row.stored.cursor
            }
            if page.rows.isEmpty || !page.more { break }
        }
        guard left == limit, let channel else { return }
        await ChannelTable.tellNotice(about: channel, client, timeout: node.timeout)
    }

    private func text(of row: Row) -> String {
        node.json ? row.stored.json() + "\n" : MessageText.lines(row)
    }
}

extension Answer {
    /// What was asked for.
    ///
    /// - Parameter kind: takes it out of an answer of the right kind.
    /// - Throws: a report of status `refused` when the receiver would not do it, `failed` when it could not.
    func value<Value>(_ kind: (Body) -> Value?) throws(FailureReport) -> Value {
        if let value = kind(body) { return value }
        guard case .refused(let refusal) = body else { throw FailureReport("the receiver answered another question") }
        throw FailureReport("the store \(store): \(SafeText.line(refusal.text))", status: Failures.status(of: refusal))
    }
}

struct ShowCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one stored message.",
        discussion: Help.text(json: Help.message, examples: ["p2pmsg show 3f2a90", "p2pmsg show 3f2a90 --json"]))
    static let settings: [Setting] = NodeOptions.settings

    @Argument(help: ArgumentHelp(MessageReference.help), transform: MessageReference.argument)
    var id: MessageReference

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let row = try await node.row(of: id, for: "show")
        try StandardStreams.out(
            node.json
                ? row.stored.json() + "\n" : MessageText.lines(row) + "    -- \(row.stored.message.key.text)\n")
    }
}

extension NodeOptions {
    /// A message, from the node.
    ///
    /// - Throws: a report where there is none, or several may be meant; `BusError`.
    func row(of reference: MessageReference, for command: String) async throws -> Row {
        try await withClient(of: command) { client in
            let id = try await finder(client).id(reference)
            let answer = try await client.query(.message(id), timeout: timeout)
            guard let row = try answer.value(\.page).rows.first else {
                throw FailureReport("there is no message \(id.hex)")
            }
            return row
        }
    }
}

/// A value of `--before` and `--since`: a cursor, or a moment in one of the forms of ``Timestamp/moment(_:now:offset:)``.
enum TimeBound: Hashable, Sendable {
    case cursor(Cursor)
    /// Milliseconds since 1970.
    case time(Int64)

    /// - Parameter offset: of a date or time that names no zone, as in ``Timestamp/parse(_:offset:)``.
    init?(_ text: String, now: Int64 = Timestamp.now, offset: (Int64) -> Int64 = Timestamp.localOffset) {
        if let cursor = Cursor(text) {
            self = .cursor(cursor)
        } else if let time = Timestamp.moment(text, now: now, offset: offset) {
            self = .time(time)
        } else {
            return nil
        }
    }

    /// As a value on the command line.
    ///
    /// - Throws: what is expected.
    @Sendable static func argument(_ text: String) throws(FailureReport) -> TimeBound {
        try TimeBound(text).orExpected(
            "a time (2026-11-28, 2026-11-28T12:00Z), milliseconds, a cursor, or how long ago (2h)")
    }

    /// The moment, in milliseconds since 1970.
    var time: Int64 {
        switch self {
        case .cursor(let cursor): cursor.time
        case .time(let time): time
        }
    }

    /// Everything older than this place is before the bound.
    var cursor: Cursor? {
        if case .cursor(let cursor) = self { return cursor }
        // No id is smaller than 32 zero bytes, so a message of exactly this time is not before it.
        return MessageID(bytes: [UInt8](repeating: 0, count: 32)).map { Cursor(time: time, id: $0) }
    }
}
