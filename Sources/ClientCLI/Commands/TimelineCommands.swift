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

/// For commands that print a part of the wall.
struct TimelineOptions: ParsableArguments {
    static let settings: [Setting] =
        NodeOptions.settings + [.limit, .before, .since, .channel, .author]

    static let discussion = """
        --before and --since take a cursor (time-id), milliseconds since 1970, an ISO-8601 date or time (of this \
        machine's zone unless it names one) or how long ago (30s, 2h, 7d). --since CURSOR begins after that message.
        """

    @Option(help: ArgumentHelp(Setting.limit.help, valueName: "n"))
    var limit = 50

    @Option(help: ArgumentHelp(Setting.before.help, valueName: "time"), transform: TimeBound.argument)
    var before: TimeBound?

    @Option(help: ArgumentHelp(Setting.since.help, valueName: "time"), transform: TimeBound.argument)
    var since: TimeBound?

    @Option(
        help: ArgumentHelp(Setting.channel.help + " (default: all)", valueName: "name"),
        transform: Channel.argument)
    var channel: Channel?

    @Option(help: ArgumentHelp(Setting.author.help, valueName: "key"))
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
            let page = try Answers.page(try await client.query(query, timeout: node.timeout))
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

/// What a receiver's answer means for a command.
enum Answers {
    static func page(_ answer: Answer) throws(FailureReport) -> (rows: [Row], more: Bool) {
        switch answer.body {
        case .rows(let rows, let more): return (rows, more)
        case .refused(let refusal):
            throw FailureReport(
                "the receiver refused: \(SafeText.line(refusal.text))", status: Failures.status(of: refusal))
        case .summary, .rules, .imported, .done, .found, .channels:
            throw FailureReport("the receiver answered another question")
        }
    }
}
