import Bus
import HTTPTypes
import Hummingbird
import Messages
import ServiceRuntime
import TelehashWire

extension Site {
    /// What this part of the wall is like, as OpenAPI 3.1. Its addresses are relative to its own.
    func apiDescription(_ request: Request) async throws -> Response {
        let text = String(decoding: PackageResources.openapi_json, as: UTF8.self)
        return try await conditional(request, Validator(["openapi", text])) { .json(text) }
    }

    /// `{"messages":[…],"next":cursor|null}`, newest first.
    func listMessages(_ request: Request, _ query: FormFields, _ context: SiteContext) async throws -> Response {
        let limit = try limit(in: query)
        try admitRendering((Int(limit) + Limits.listedToARendered - 1) / Limits.listedToARendered, request, context)
        if let after = query.filled("after") { return try await listCommitted(after: after, query, limit) }
        var timeline = Query.Timeline(
            before: try cursor(in: query), since: try since(in: query), end: try channel(in: query)?.end,
            search: try search(in: query), limit: limit)
        if timeline.search != nil { try admitSearch(request, context) }
        timeline.author = try await author(in: query, request, context, isAdmitted: timeline.search != nil)
        let part = timeline.search == nil ? try await part(timeline) : try await found(timeline, request, context)
        let tag = Validator(["api", request.uri.query ?? ""], state: part.state)
        return try await conditional(request, tag, newest: part.newest) {
            .json(messages(part.rows, next: part.next?.description))
        }
    }

    /// What came to a store after a place of its live events, oldest first; `next` is the place to go on from.
    private func listCommitted(after text: String, _ query: FormFields, _ limit: UInt32) async throws -> Response {
        guard ["before", "since", "channel", "author", "q"].allSatisfy({ query.filled($0) == nil }),
            let place = EventID(text)
        else { throw Problem.badAfter }
        let question = Query.after(position: place.position, limit: limit)
        let answer: Answer
        do throws(WallError) {
            answer = try await wall.query(question, of: place.store)
        } catch {
            // Where others answer, it is that store which is not here.
            guard case .unavailable = error, await standing() != nil else { throw error }
            throw Problem.noSuchPlace
        }
        let (rows, _) = try answer.value(\.page)
        guard answer.store == place.store, answer.position >= place.position else { throw Problem.noSuchPlace }
        let next = rows.last.map { EventID(store: place.store, position: $0.position) } ?? EventID(of: answer)
        return .json(messages(rows, next: next.description))
    }

    private func messages(_ rows: [Row], next: String?) -> String {
        var json = JSONWriter(.terminal)
        json.member("messages", array: rows) { json, row in json.object { row.stored.writeMembers(to: &$0) } }
        json.member("next", next)
        return json.object + "\n"
    }

    private func channel(in query: FormFields) throws -> Channel? {
        guard let name = query.filled("channel") else { return nil }
        do throws(MessageError) { return try Channel(name) } catch { throw Problem(api: .badRequest, error) }
    }

    private func search(in query: FormFields) throws -> SearchQuery? {
        guard let text = query.filled("q") else { return nil }
        do throws(SearchError) { return try SearchQuery(text) } catch { throw Problem.badSearch(error) }
    }

    private func since(in query: FormFields) throws -> Int64? {
        guard let text = query.filled("since") else { return nil }
        guard let time = Search.time(text) else { throw Problem.badSince }
        return time
    }

    private func limit(in query: FormFields) throws -> UInt32 {
        guard let text = query.filled("limit") else { return Limits.defaultAPIMessages }
        guard let limit = UInt32(text), (1...Limits.greatestAPIMessages).contains(limit) else {
            throw Problem(
                status: .badRequest, code: "limit_malformed", title: "Bad limit",
                text: "limit is a number from 1 to \(Limits.greatestAPIMessages)")
        }
        return limit
    }

    /// Takes a message that its author has signed. The node can spread it, not change it.
    func postMessage(_ request: Request, _ context: SiteContext) async throws -> Response {
        guard posting != .off else {
            counters.add("sends_refused_policy")
            throw Problem.postingIsOff
        }
        // Programs send neither of these; a browser sends both, and a page elsewhere is not to write for its visitors.
        if request.headers[.origin] != nil || request.headers[.fetchSite] != nil {
            try refuseCrossSite(request, context)
        }
        try refuseForeignName(request, context)
        let visitor = proxies.visitor(of: request, from: context.peer)
        try admit(visitor)
        let body = try await self.body(of: request, context)
        let message: SignedMessage
        do throws(MessageError) {
            message = try SignedMessage(json: body)
            try message.checkSignature()
            try message.checkTime(now: now())
        } catch {
            counters.add("posts_refused")
            throw Problem(api: error.code == .jsonMalformed ? .badRequest : .unprocessableContent, error)
        }
        try await refuseUnkept(message.end)
        return try await publish(message, of: visitor)
    }

    /// The author pays for what is stored, and for nothing else: anybody can send again what is on the wall, or what no store
    /// takes. What was written long ago, which anybody can bring, is charged to an account of its own. The visitor has paid
    /// already.
    private func publish(_ message: SignedMessage, of visitor: Visitor) async throws -> Response {
        let started = ContinuousClock.now
        if let store = await store(of: message.id) {
            let receipt = Receipt(id: message.id, stored: [store], relayed: 0, complete: true)
            return receiptResponse(receipt, after: started.duration(to: .now))
        }
        let account = AuthorAccount(of: message, arrivedAt: now())
        try admit(visitor, writing: account)
        var isPaid = false
        defer { if !isPaid { limits.giveBack(account, of: visitor) } }
        let receipt: Receipt
        do throws(WallError) {
            receipt = try await wall.publish(message)
        } catch {
            throw Problem(publishing: error)
        }
        isPaid = !receipt.stored.isEmpty
        return receiptResponse(receipt, after: started.duration(to: .now))
    }

    /// Which store has it, shown or hidden; what is there is not spread again.
    private func store(of id: MessageID) async -> StoreID? {
        guard let answer = try? await wall.query(.message(id)) else { return nil }
        if case .refused(let refusal) = answer.body, refusal.code == "message_hidden" { return answer.store }
        return answer.body.page?.rows.isEmpty == false ? answer.store : nil
    }

    /// 201 when a store has it, 202 when only other nodes do or it waits for a store, 504 when nobody said anything in
    /// time.
    private func receiptResponse(_ receipt: Receipt, after time: Duration) -> Response {
        let json = receipt.json(milliseconds: time.inMilliseconds) + "\n"
        guard !receipt.stored.isEmpty || receipt.relayed > 0 || receipt.hindrance != nil else {
            return .json(Problem.notAcknowledged.json, status: .gatewayTimeout)
        }
        counters.add("messages_posted")
        guard !receipt.stored.isEmpty else { return .json(json, status: .accepted) }
        return .json(json, status: .created, headers: [.location: "\(base)/tweets/\(receipt.id.hex)"])
    }
}

extension Problem {
    fileprivate static let badAfter = Problem(
        status: .badRequest, code: "after_malformed", title: "No such place among live events",
        text: "after is the id of a live event, and takes no other parameter than limit beside it.")

    fileprivate static let noSuchPlace = Problem(
        status: .notFound, code: "place_unknown", title: "No such place",
        text:
            "No store that is here has such a place: it is away, was put back to an earlier state, or is another node's."
    )

    fileprivate init(api status: HTTPResponse.Status, _ error: MessageError) {
        self.init(
            status: error.code == .jsonTooLong ? .contentTooLarge : status, code: error.code.rawValue,
            title: "That is not a message", text: error.message)
    }

    fileprivate init(publishing error: WallError) {
        switch error {
        case .unavailable(let text): self = .unavailable(text)
        case .refused(let refusal) where refusal.code == "busy": self = .unavailable(refusal.text)
        case .refused(let refusal) where refusal.isAboutRates:
            self.init(
                status: .tooManyRequests, code: refusal.code, title: "Too many messages", text: refusal.text,
                headers: [.retryAfter: "\(Limits.retryAfterSeconds)"])
        case .refused(let refusal):
            // What the message itself has wrong is 422; what this node does not want is 403.
            let isMessage = MessageError.Code(rawValue: refusal.code) != nil
            self.init(
                status: isMessage ? .unprocessableContent : .forbidden, code: refusal.code, title: "Refused",
                text: refusal.text)
        }
    }

    fileprivate static let notAcknowledged = Problem(
        status: .gatewayTimeout, code: "not_acknowledged", title: "Not confirmed",
        text: "nobody confirmed the message in time; sending the same message again is harmless")
}
