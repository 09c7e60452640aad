import Bus
import Messages
import ServiceRuntime

/// Makes whole pages. Everything that a page shows comes in as an argument.
struct Pages: Sendable {
    let base: BasePath
    let fragments: Fragments

    /// One name for everything that the build puts into pages: another build's pages are other pages.
    static let generation: String = {
        let parts = Asset.all.map(\.fileName) + Templates.Name.allCases.map(Templates.source) + [Version.current]
        return Fingerprint(parts.joined().utf8).description
    }()

    init(base: BasePath) {
        self.base = base
        fragments = Fragments(base: base)
    }

    /// What stands at the foot of every page.
    struct Foot: Sendable {
        /// The node's key, once it has one.
        var nodeKey: PublicKey?
        /// Messages in the store that are shown, where known.
        var messages: UInt64?
        /// Those that the operator keeps out of sight.
        var hidden: UInt64 = 0
        var store: StoreID?
    }

    /// The form, as it is shown: empty, or with what the visitor wrote and why it was not sent.
    struct Draft: Sendable {
        var text = ""
        var error: String?
        /// Not an error: what happened to the last message.
        var notice: String?
    }

    /// A part of the timeline.
    struct Part: Sendable {
        var rows: [Row] = []
        /// Where the next page begins.
        var next: Cursor?
        /// Whether it is the newest part.
        var isNewest = true
        /// Where the store stood; nil when it did not answer.
        var eventID: EventID?
        /// Why there are no rows, where that is not because nobody wrote.
        var problem: String?
    }

    func wall(_ part: Part, draft: Draft, foot: Foot) -> String {
        var values = timeline(part, path: "/tweets")
        values["compose"] = compose(draft, foot: foot)
        values["isNewest"] = part.isNewest
        if part.isNewest, let id = part.eventID {
            values["isLive"] = true
            values["last"] = id.description
        }
        return page(
            title: part.isNewest ? "The wall" : "The wall, earlier", main: Templates.shared.render(.wall, values),
            foot: foot)
    }

    func author(_ key: PublicKey, _ part: Part, foot: Foot) -> String {
        var values = timeline(part, path: "/authors/\(key.text)")
        values["key"] = key.text
        values["shortKey"] = MessageView.short(key)
        values["icon"] = Identicon.svg(for: key.text)
        values["isLegacy"] = key.scheme == .legacy
        values["isNewest"] = part.isNewest
        return page(
            title: "Messages by \(MessageView.short(key))", main: Templates.shared.render(.author, values), foot: foot)
    }

    /// - Parameter address: the whole address of this page, for the commands on it.
    func permalink(_ stored: StoredMessage, address: String, foot: Foot) -> String {
        let view = MessageView(stored: stored, base: base)
        var values = view.values.merging(view.proof) { own, _ in own }
        values["message"] = fragments.html(of: stored)
        values["address"] = address
        return page(
            title: "Message \(stored.message.id.hex.prefix(8))", main: Templates.shared.render(.permalink, values),
            foot: foot)
    }

    func problem(_ problem: Problem, foot: Foot) -> String {
        page(
            title: problem.title,
            main: Templates.shared.render(
                .problem,
                [
                    "base": base.description, "title": problem.title, "text": problem.text,
                    "status": String(problem.status.code),
                ]), foot: foot)
    }

    private func timeline(_ part: Part, path: String) -> [String: Any] {
        var values: [String: Any] = [
            "base": base.description,
            "path": path,
            "messages": part.rows.map { fragments.html(of: $0.stored) }.joined(),
            "isEmpty": part.rows.isEmpty && part.problem == nil,
        ]
        if let next = part.next { values["next"] = next.description }
        if let problem = part.problem { values["problem"] = problem }
        return values
    }

    private func compose(_ draft: Draft, foot: Foot) -> String {
        var values: [String: Any] = [
            "base": base.description, "draft": draft.text, "budget": String(Pen.textBytes),
            "hasError": draft.error != nil,
        ]
        if let error = draft.error { values["error"] = error }
        if let notice = draft.notice { values["notice"] = notice }
        if let key = foot.nodeKey {
            values["nodeKey"] = key.text
            values["shortKey"] = MessageView.short(key)
        }
        return Templates.shared.render(.compose, values)
    }

    private func page(title: String, main: String, foot: Foot) -> String {
        var values: [String: Any] = [
            "base": base.description, "title": title, "main": main, "version": Version.current,
            "style": Asset.style.fileName, "script": Asset.script.fileName, "icon": Asset.icon.fileName,
        ]
        if let key = foot.nodeKey {
            values["nodeKey"] = key.text
            values["shortKey"] = MessageView.short(key)
        }
        if let messages = foot.messages { values["messages"] = Pages.grouped(messages) }
        if foot.hidden > 0 { values["hidden"] = Pages.grouped(foot.hidden) }
        if let messages = foot.messages, messages == 1 { values["isOne"] = true }
        if let store = foot.store { values["store"] = store.id.short }
        return Templates.shared.render(.layout, values)
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
