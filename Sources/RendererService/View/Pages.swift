import Bus
import Messages
import ServiceRuntime
import TextSearch

/// Makes whole pages. Everything that a page shows comes in as an argument.
struct Pages: Sendable {
    let base: BasePath
    let posting: PostPolicy
    let imprint: Imprint
    let fragments: Fragments
    /// One name for everything that build and operator put into pages: another build's pages are other pages.
    let generation: String

    private static let build: String = {
        let parts = Asset.all.map(\.fileName) + Templates.Name.allCases.map(Templates.source) + [Version.current]
        return Fingerprint(parts.joined().utf8).description
    }()

    init(base: BasePath, posting: PostPolicy = .node, imprint: Imprint = Imprint()) {
        self.base = base
        self.posting = posting
        self.imprint = imprint
        fragments = Fragments(base: base)
        let own = [imprint.title, imprint.contact?.text, imprint.rules].map { $0 ?? "" }
        generation = Fingerprint(([Pages.build] + own).joined(separator: "\n").utf8).description
    }

    struct Foot: Sendable {
        /// The node's key, once it has one.
        var nodeKey: PublicKey?
        /// Messages in the store that are shown, where known.
        var messages: UInt64?
        /// Those that the operator keeps out of sight.
        var hidden: UInt64 = 0
        var store: StoreID?
        var notices: [Notice] = []
    }

    /// The form, as it is shown: empty, or with what the visitor wrote and why it was not sent.
    struct Draft: Sendable {
        var text = ""
        var error: String?
        /// Not an error: what happened to the last message.
        var notice: String?
    }

    struct Part: Sendable {
        var rows: [Row] = []
        var next: Cursor?
        var isNewest = true
        /// Where the store stood; nil when it did not answer.
        var eventID: EventID?
        /// Whether no store of this node takes what is written here.
        var isUnkept = false
        /// Why there are no rows, where that is not because nobody wrote.
        var problem: String?

        /// When the newest of what is listed came, in milliseconds since 1970.
        var newest: Int64? { rows.map(\.stored.receivedAt).max() }

        /// What counts for a visitor where it has to be rendered: not what has just come to the newest page.
        func charged(now: Int64) -> [Row] {
            isNewest ? rows.filter { $0.stored.receivedAt < now - Limits.freshMilliseconds } : rows
        }

        /// Where the store stood and what is listed, in short.
        var state: String {
            let ids = rows.lazy.flatMap { $0.stored.message.id.hex.utf8 }
            return "\(eventID?.description ?? "") \(Fingerprint(ids))\(isUnkept ? " unkept" : "")"
        }
    }

    /// - Parameter listing: the wall, or a channel.
    func wall(_ part: Part, of listing: Listing, draft: Draft, foot: Foot) -> String {
        let channel = listing.channel
        let name = channel.map { "#\($0.name)" } ?? "The wall"
        var values = timeline(part, of: listing)
        values["channel"] = channel?.name
        values["end"] = channel?.end.hex
        values["name"] = name
        // What a visitor wrote and could not send is not thrown away.
        if posting != .off, !part.isUnkept || !draft.text.isEmpty {
            values["browserSigns"] = posting == .browser
            values["compose"] = compose(draft, in: channel, foot: foot)
        }
        return page(
            title: part.isNewest ? name : "\(name), earlier", main: render(.wall, values), foot: foot, listing: listing)
    }

    /// - Parameter name: what the store calls the author.
    func author(_ key: PublicKey, called name: AuthorName, _ part: Part, foot: Foot) -> String {
        var values = timeline(part, of: .author(key))
        values["key"] = key.text
        values["shortKey"] = MessageView.short(key)
        values["icon"] = Identicon.svg(for: key)
        values["isLegacy"] = key.scheme == .legacy
        values.merge(MessageView.values(of: name)) { own, _ in own }
        return page(
            title: "Messages by \(MessageView.line(key, name))", main: render(.author, values), foot: foot,
            listing: .author(key))
    }

    /// - Parameters:
    ///   - form: what the visitor filled in.
    ///   - found: nil where nothing was searched for yet, or could not be.
    ///   - error: why not.
    ///   - candidates: the authors that the visitor may have meant, each with the address of that search.
    func search(
        _ form: SearchForm, found: (search: Search, part: Part)?, error: String?,
        candidates: [(Candidate, String)] = [],
        foot: Foot
    ) -> String {
        let listing = found.map { Listing.search($0.search) }
        var values = found.map { timeline($0.part, of: .search($0.search)) } ?? ["isNewest": true]
        values.merge(form.values) { _, own in own }
        values["error"] = error
        values["candidates"] = choice(candidates)
        values["hasSearched"] = found != nil
        values["count"] = found.map { Pages.count($0.part) }
        return page(
            title: found.map { "“\($0.search.words.text)”" } ?? "Search", main: render(.search, values), foot: foot,
            listing: listing, searched: form.text)
    }

    /// What a search found, in words: all of it where it is on this page.
    private static func count(_ part: Part) -> String {
        switch (part.rows.count, part.isNewest, part.next) {
        case (0, true, _): "Nothing found."
        case (0, false, _): "There is nothing earlier."
        case (1, true, nil): "One message"
        case (let count, true, nil): "\(count) messages"
        case (let count, true, _?): "The newest \(counted(count, "message"))"
        case (let count, false, _): counted(count, "earlier message")
        }
    }

    func about(_ summary: Summary, foot: Foot) -> String {
        // The clock stands at the foot of this page as of all.
        let notices = summary.notices.filter { $0.code != "clock_behind" && !Pages.isStoreTrouble($0) }
        let main = render(
            .about,
            [
                "messages": Pages.grouped(summary.messages - min(summary.hidden, summary.messages)),
                "authors": counted(Pages.grouped(summary.authors), "author"), "bytes": Pages.size(summary.bytes),
                "channels": summary.channels.sorted { $0.messages > $1.messages }.map(Pages.channel),
                "feeds": Pages.feeds(.wall), "notices": notices.map { ["text": $0.text] },
                "hidden": summary.hidden > 0 ? Pages.grouped(summary.hidden) : nil, "store": foot.store?.description,
                "nodeKey": foot.nodeKey?.text, "icon": foot.nodeKey.map(Identicon.svg),
                "title": imprint.title, "rules": imprint.rulesHTML.map { ["text": $0] },
            ])
        return page(title: "About this node", main: main, foot: foot)
    }

    private static func channel(_ count: ChannelCount) -> [String: Any] {
        let channel = count.name.flatMap { try? Channel($0) }
        return Templates.present([
            "end": count.end.hex, "messages": Pages.grouped(count.messages),
            "noun": count.messages == 1 ? "message" : "messages", "name": channel?.name,
            "path": channel.map { Listing.channel($0).address() },
        ])
    }

    private static func feeds(_ listing: Listing, title: String? = nil) -> [[String: Any]] {
        let names: [FeedFormat: String] = [.atom: "Atom", .rss: "RSS", .json: "JSON Feed"]
        return FeedFormat.allCases.map { format in
            Templates.present([
                "path": listing.address(of: format), "name": names[format], "title": title,
                "type": String(format.contentType.prefix { $0 != ";" }),
            ])
        }
    }

    /// - Parameter address: the whole address of this page, for the commands on it.
    func permalink(_ row: Row, address: String, foot: Foot) -> String {
        let view = MessageView(stored: row.stored, author: row.author, base: base, isAlone: true)
        var values = view.values.merging(view.proof) { own, _ in own }
        values["message"] = Templates.shared.render(.message, view.values)
        values["address"] = address
        return page(
            title: "Message \(row.stored.message.id.hex.prefix(8))", main: render(.permalink, values), foot: foot)
    }

    func problem(_ problem: Problem, foot: Foot) -> String {
        let values: [String: Any?] = [
            "title": problem.title, "text": problem.text, "status": String(problem.status.code),
            "candidates": choice(problem.candidates.map { ($0, $0.address) }),
        ]
        return page(title: problem.title, main: render(.problem, values), foot: foot)
    }

    /// What a visitor may have meant, as links; nil for nothing. What authors are called is on their pages, if it is fit to be
    /// seen.
    private func choice(_ candidates: [(Candidate, String)]) -> String? {
        guard !candidates.isEmpty else { return nil }
        let values = candidates.map { candidate, address in
            let isNamesake = if case .author(_, let name) = candidate { name.namesake != nil } else { false }
            return ["path": address, "text": candidate.text, "isNamesake": isNamesake] as [String: Any]
        }
        return render(.candidates, ["candidates": values])
    }

    private func timeline(_ part: Part, of listing: Listing) -> [String: Any?] {
        // New messages come into the newest part by themselves, but for those that would have to be searched.
        let isLive = part.isNewest && part.eventID != nil && !listing.isSearch
        return [
            "newest": listing.address(), "messages": html(of: part.rows, in: listing), "isNewest": part.isNewest,
            "isEmpty": part.rows.isEmpty && part.problem == nil && !part.isUnkept, "isUnkept": part.isUnkept,
            "next": part.next.map { listing.address(before: $0) }, "isLive": isLive,
            "last": isLive ? part.eventID?.description : nil, "problem": part.problem,
        ]
    }

    private func html(of rows: [Row], in listing: Listing) -> String {
        guard case .search(let search) = listing else { return rows.map { fragments.html(of: $0) }.joined() }
        let pattern = SearchPattern(search.words)
        return rows.map { fragments.html(of: $0, marking: pattern) }.joined()
    }

    private func compose(_ draft: Draft, in channel: Channel?, foot: Foot) -> String {
        render(
            .compose,
            [
                "draft": draft.text, "budget": String(Pen.textBytes), "hasError": draft.error != nil,
                "error": draft.error, "notice": draft.notice, "nodeSigns": posting == .node,
                "nodeKey": foot.nodeKey?.text, "shortKey": foot.nodeKey.map(MessageView.short),
                "channel": channel?.name, "end": (channel ?? .tweets).end.hex,
            ])
    }

    /// - Parameter listing: what the page lists, where it has feeds.
    private func page(
        title: String, main: String, foot: Foot, listing: Listing? = nil, searched: String? = nil
    ) -> String {
        // Readers see the consequences of a wrong clock, and wonder: new messages come late.
        let clock = foot.notices.first { $0.code == "clock_behind" }?.text
        return render(
            .layout,
            [
                "title": title, "wallName": imprint.wallName, "main": main, "style": Asset.style.fileName,
                "script": Asset.script.fileName, "icon": Asset.icon, "hasRules": imprint.rules != nil,
                "feeds": listing.map { Pages.feeds($0, title: $0.title(on: imprint.wallName)) },
                "atom": listing?.address(of: .atom), "searched": searched,
                "nodeKey": foot.nodeKey?.text, "shortKey": foot.nodeKey.map(MessageView.short),
                "messages": foot.messages.map { counted(Pages.grouped($0), "message") },
                "hidden": foot.hidden > 0 ? Pages.grouped(foot.hidden) : nil, "store": foot.store?.id.short,
                "trouble": foot.notices.contains(where: Pages.isStoreTrouble) ? Pages.storeTrouble : nil,
                "clock": clock,
            ])
    }

    /// With what every page has.
    private func render(_ name: Templates.Name, _ values: [String: Any?]) -> String {
        let common: [String: Any?] = [
            "base": base.description, "version": Version.current, "contact": imprint.contact?.text,
            "contactLink": imprint.contact?.link,
        ]
        return Templates.shared.render(name, values.merging(common) { own, _ in own })
    }

    /// For visitors: without the store's place, which is none of their business.
    static let storeTrouble = "this node can store no new message just now"

    static func isStoreTrouble(_ notice: Notice) -> Bool { notice.code.hasPrefix("store_") }

    /// `3.4 MB`
    static func size(_ bytes: UInt64) -> String {
        var size = Double(bytes) / 1000
        for unit in ["kB", "MB", "GB"] {
            if size < 999.5 { return "\(size < 10 ? (size * 10).rounded() / 10 : size.rounded()) \(unit)" }
            size /= 1000
        }
        return "\((size * 10).rounded() / 10) TB"
    }

    /// `1 234 567` with narrow no-break spaces.
    static func grouped(_ number: UInt64) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
            text.append(digit)
        }
        return text
    }
}
