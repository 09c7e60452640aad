import Bus
import HTTPTypes
import Hummingbird
import Logging
import Messages
import ServiceRuntime
import TelehashWire

/// Writing through the page: the node signs.
extension Site {
    func send(_ request: Request, _ context: SiteContext) async throws -> Response {
        guard posting == .node else {
            counters.add("sends_refused_policy")
            throw posting == .off ? Problem.postingIsOff : Problem.nodeDoesNotSign
        }
        try refuseCrossSite(request, context)
        try refuseForeignName(request, context)
        let form = try await form(of: request, context)
        let text = TextHTML.withPlainNewlines(form["message"] ?? "")
        var listing = Listing.wall
        do {
            if let name = form["channel"], !name.isEmpty { listing = .channel(try Channel(name)) }
            try admit(proxies.visitor(of: request, from: context.peer))
            try await refuseUnkept((listing.channel ?? .tweets).end)
            let message = try sign(text, for: listing)
            let receipt = try await wall.publish(message)
            counters.add("messages_sent")
            guard !receipt.stored.isEmpty else { return try await sentButNotStored(receipt, text, listing) }
            return .redirect(.seeOther, to: "\(base)\(listing.address())#\(message.id.hex)")
        } catch {
            return try await notSent(text, listing, because: error, context)
        }
    }

    func refuseCrossSite(_ request: Request, _ context: SiteContext) throws(Problem) {
        let name = proxies.site(of: request, from: context.peer)
        guard let what = SameOrigin.objection(to: request.headers, site: name) else { return }
        counters.add("sends_refused_cross_site")
        log("a message from elsewhere was refused", ["because": "\(what)"])
        throw .crossSite(what)
    }

    /// - Throws: 403 where the browser may have been led here under a name that is somebody else's.
    func refuseForeignName(_ request: Request, _ context: SiteContext) throws(Problem) {
        guard let name = proxies.site(of: request, from: context.peer)?.authority else {
            counters.add("sends_refused_name")
            throw .crossSite("the request has no usable Host")
        }
        guard !names.hold(name) else { return }
        counters.add("sends_refused_name")
        log(
            "a message under a name that is none of this wall's was refused; if it is one, add the setting",
            ["setting": "--public-name \(name.host)"])
        throw .foreignName(name.host)
    }

    /// What anybody can bring about as often as they like is logged now and then; counters have all of it.
    private func log(_ message: Logger.Message, _ metadata: Logger.Metadata) {
        if limits.admitNotice() { logger.notice(message, metadata: metadata) }
    }

    /// What nobody here would see, and its operator could not hide, is not sent out either.
    ///
    /// - Throws: 404.
    func refuseUnkept(_ end: NodeID) async throws(Problem) {
        guard await wall.keeps(end) == false else { return }
        counters.add("sends_refused_channel")
        throw .channelNotKept
    }

    /// - Throws: 429.
    func admit(_ visitor: Visitor, writing account: AuthorAccount? = nil) throws(Problem) {
        do throws(Problem) {
            if let account { try limits.admit(account, of: visitor) } else { try limits.admit(visitor) }
        } catch {
            counters.add("sends_refused_rate")
            throw error
        }
    }

    private func form(of request: Request, _ context: SiteContext) async throws -> FormFields {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard type == "application/x-www-form-urlencoded" else { throw Problem.notAForm }
        let body = try await body(of: request, context)
        do throws(FormFields.Failure) {
            return try FormFields(body)
        } catch {
            throw Problem.malformedForm
        }
    }

    private func sign(_ text: String, for listing: Listing) throws -> SignedMessage {
        // A field of blanks only is an empty one; a message that somebody signs elsewhere may be blank.
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw MessageError(.textEmpty, "there is nothing to send yet")
        }
        return try pen.sign(text, channel: listing.channel ?? .tweets, at: now())
    }

    /// The wall with the form as it was, and the reason next to the field.
    private func notSent(
        _ text: String, _ listing: Listing, because error: any Error, _ context: SiteContext
    ) async throws -> Response {
        let reason: String
        let status: HTTPResponse.Status
        var headers: HTTPFields = [:]
        switch error {
        case let error as Problem: (reason, status, headers) = (error.text, error.status, error.headers)
        case WallError.refused(let refusal) where refusal.isAboutRates:
            counters.add("sends_refused_rate")
            (reason, status) = (refusal.text, .tooManyRequests)
            headers[.retryAfter] = "\(Limits.retryAfterSeconds)"
        case let error as MessageError:
            (reason, status) = (error.message, .unprocessableContent)
        case WallError.refused(let refusal):
            (reason, status) = ("the node refused it: \(refusal.text)", .unprocessableContent)
        case WallError.unavailable(let detail):
            context.logger.warning("a message was not sent", metadata: ["error": "\(detail)"])
            (reason, status) = (
                "not sent: no store confirmed it. Your text is still here, try again", .serviceUnavailable
            )
        case let error as KeyError:
            context.logger.error("the node's key cannot be used", metadata: ["error": "\(error)"])
            (reason, status) = ("not sent: this node's key cannot be used; its log says why", .internalServerError)
        default: throw error
        }
        if !(error is Problem), status != .tooManyRequests { counters.add("sends_failed") }
        return await page(
            of: listing, with: Pages.Draft(text: text, error: reason.asSentence), status: status, headers: headers)
    }

    private func sentButNotStored(
        _ receipt: Receipt, _ text: String, _ listing: Listing
    ) async throws -> Response {
        guard receipt.relayed > 0 || receipt.hindrance == nil else {
            let notice =
                "Not stored yet: \(Pages.storeTrouble). The message waits in this node and is shown as soon as that "
                + "is over."
            return await page(of: listing, with: Pages.Draft(notice: notice), status: .accepted)
        }
        guard receipt.relayed > 0 else {
            return await page(
                of: listing, with: Pages.Draft(text: text, error: "Not sent: nobody has confirmed it. Try again."),
                status: .serviceUnavailable)
        }
        let notice =
            "Passed on to \(counted(receipt.relayed, "other node")), which may keep it or not. "
            + "No store of this node has it, so it is not shown here."
        return await page(of: listing, with: Pages.Draft(notice: notice), status: .accepted)
    }

    private func page(
        of listing: Listing, with draft: Pages.Draft, status: HTTPResponse.Status, headers: HTTPFields = [:]
    ) async -> Response {
        var headers = headers
        headers[.cacheControl] = "no-store"
        var part: Pages.Part
        do throws(WallError) {
            part = try await self.part(of: listing)
        } catch {
            part = Pages.Part(problem: "The messages cannot be shown right now: no store of this node answers.")
        }
        let summary = await summaries.summary(at: part.eventID, from: wall)
        return .html(
            pages.wall(part, of: listing, draft: draft, foot: foot(summary, store: part.eventID?.store)),
            status: status,
            headers: headers)
    }
}

extension Problem {
    fileprivate static let notAForm = Problem(
        status: .unsupportedMediaType, code: "not_a_form", title: "Not a form",
        text: "This address takes forms (application/x-www-form-urlencoded).")

    fileprivate static let malformedForm = Problem(
        status: .badRequest, code: "form_malformed", title: "The form could not be read",
        text: "It is not UTF-8 or has too many fields.")
}

extension String {
    /// With a capital letter and a full stop.
    fileprivate var asSentence: String {
        guard let first else { return self }
        return first.uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".")
    }
}
