import Bus
import HTTPTypes
import Hummingbird
import Messages
import ServiceRuntime
import TelehashWire

/// A request that cannot be served, and what the visitor is told.
struct Problem: Error, Sendable {
    var status: HTTPResponse.Status
    /// A stable word for programs.
    let code: String
    let title: String
    /// One or two sentences for people.
    let text: String
    var headers: HTTPFields = [:]
    var candidates: [Candidate] = []

    static let notFound = Problem(
        status: .notFound, code: "not_found", title: "Nothing here", text: "This wall has no page at that address.")

    static let noSuchMessage = Problem(
        status: .notFound, code: "message_not_found", title: "No such message",
        text: "This node does not have that message. It may not have arrived yet, or it was never written.")

    static func noSuchChannel(_ reason: String) -> Problem {
        Problem(
            status: .notFound, code: "channel_malformed", title: "No such channel",
            text: "That is not the name of a channel: \(reason).")
    }

    static let channelNotKept = Problem(
        status: .notFound, code: "channel_not_kept", title: "Not a channel of this node",
        text: "This node does not keep that channel, so nothing can be written there from here.")

    static let badCursor = Problem(
        status: .badRequest, code: "cursor_malformed", title: "No such place on this wall",
        text: "What the address says to continue from (before=…) is not a place on it.")

    static func methodNotAllowed(_ allow: String) -> Problem {
        Problem(
            status: .methodNotAllowed, code: "method_not_allowed", title: "Not possible this way",
            text: "This address takes \(allow) only.", headers: [.allow: allow])
    }

    static let notAcceptable = Problem(
        status: .notAcceptable, code: "not_acceptable", title: "Not in that form",
        text: "A message is here as text/html and as application/json.")

    static let preconditionFailed = Problem(
        status: .preconditionFailed, code: "precondition_failed", title: "It has changed",
        text: "This is not any more what the request names.")

    static let malformedQuery = Problem(
        status: .badRequest, code: "query_malformed", title: "That address is broken",
        text: "Its parameters could not be read.")

    static let targetTooLong = Problem(
        status: .init(code: 414, reasonPhrase: "URI Too Long"), code: "address_too_long",
        title: "That address is too long", text: "Addresses here have at most \(Limits.targetBytes) bytes.")

    static let bodyTooLong = Problem(
        status: .contentTooLarge, code: "body_too_long", title: "Too much",
        text: "At most \(Limits.bodyBytes / 1024) kB can be sent here.", headers: [.connection: "close"])

    static let bodyTooSlow = Problem(
        status: .requestTimeout, code: "body_too_slow", title: "Too slow",
        text: "The rest of the request did not come within \(Limits.bodySeconds) seconds.",
        headers: [.connection: "close"])

    static let malformedBody = Problem(
        status: .badRequest, code: "body_malformed", title: "The request could not be read",
        text: "It broke off, or is not what HTTP calls a request.", headers: [.connection: "close"])

    static let packedBody = Problem(
        status: .unsupportedMediaType, code: "body_packed", title: "Not packed, please",
        text: "What is sent here must have no Content-Encoding.", headers: [.acceptEncoding: "identity"])

    static let broken = Problem(
        status: .internalServerError, code: "internal_error", title: "Something broke",
        text: "It has been written to the log of this node.")

    /// - Parameter seconds: until the next one is taken.
    static func tooManyMessages(after seconds: Int, of whom: String) -> Problem {
        Problem(
            status: .tooManyRequests, code: "rate_limited", title: "Too many messages",
            text: "\(whom.prefix(1).uppercased() + whom.dropFirst()) has written a lot. "
                + "Try again in \(counted(seconds, "second")).",
            headers: [.retryAfter: "\(seconds)"])
    }

    static let manyWrite = Problem(
        status: .tooManyRequests, code: "rate_limited", title: "Many are writing",
        text: "More is written here just now than this node takes. Try again in a minute.",
        headers: [.retryAfter: "60"])

    /// - Parameter seconds: until the next one is answered.
    static func tooManySearches(after seconds: Int) -> Problem {
        Problem(
            status: .tooManyRequests, code: "rate_limited", title: "Too many searches",
            text: "This network address has searched a lot. Try again in \(counted(seconds, "second")).",
            headers: [.retryAfter: "\(seconds)"])
    }

    static let tooMuchRead = Problem(
        status: .tooManyRequests, code: "rate_limited", title: "Too much at a time",
        text: "This network address has read a lot. Try again in a few seconds.",
        headers: [.retryAfter: "\(Limits.retryAfterSeconds)"])

    static let tooManyStreams = Problem(
        status: .tooManyRequests, code: "too_many_streams", title: "Too many streams",
        text: "This network address has \(Limits.visitorStreams) open streams of events or more, or its site "
            + "\(Limits.siteStreams).",
        headers: [.retryAfter: "\(Limits.retryAfterSeconds)"])

    static let tooManyBodies = Problem(
        status: .tooManyRequests, code: "rate_limited", title: "One after the other, please",
        text: "This network address is sending as much as it may at a time. Try again in a moment.",
        headers: [.retryAfter: "1"])

    static let tooManyReadsAtOnce = Problem(
        status: .tooManyRequests, code: "rate_limited", title: "One after the other, please",
        text: "This network address asks for as much as it may at a time. Try again in a moment.",
        headers: [.retryAfter: "1"])

    static let tooManySearchesAtOnce = Problem(
        status: .tooManyRequests, code: "rate_limited", title: "One after the other, please",
        text: "This network address searches for as much as it may at a time. Try again in a moment.",
        headers: [.retryAfter: "1"])

    static let searchesBusy = Problem(
        status: .serviceUnavailable, code: "busy", title: "Many are searching",
        text: "This node does as many searches as it can just now. Try again in a few seconds.",
        headers: [.retryAfter: "\(Limits.retryAfterSeconds)"])

    static func badSearch(_ error: SearchError) -> Problem {
        Problem(
            status: .badRequest, code: "search_malformed", title: "That cannot be searched for",
            text: "\(error.description.prefix(1).uppercased() + error.description.dropFirst()).")
    }

    static let badSince = Problem(
        status: .badRequest, code: "since_malformed", title: "No such time",
        text: "The time to begin with is a date (2026-11-28), a time (2026-11-28T12:00Z), "
            + "how long ago (2h, 7d) or milliseconds since 1970.")

    static let postingIsOff = Problem(
        status: .forbidden, code: "posting_off", title: "For reading only",
        text: "The operator of this node takes no messages on its pages. Other nodes do.")

    static let nodeDoesNotSign = Problem(
        status: .forbidden, code: "node_does_not_sign", title: "Not without a key",
        text: "This node does not sign for its visitors. Write with a browser that signs, or with p2pmsg send.")

    static func crossSite(_ what: String) -> Problem {
        Problem(
            status: .forbidden, code: "cross_site", title: "Not from here",
            text: "Messages are only taken from the form on this wall: \(what).")
    }

    static func foreignName(_ name: String) -> Problem {
        Problem(
            status: .forbidden, code: "foreign_name", title: "Not under this name",
            text:
                "Messages are not taken under the name “\(name)”. If it is one of this wall's, its operator gives it with "
                + "--public-name \(name).")
    }

    static func unavailable(_ text: String) -> Problem {
        Problem(
            status: .serviceUnavailable, code: "unavailable", title: "The wall is out of reach", text: text,
            headers: [.retryAfter: "\(Limits.retryAfterSeconds)"])
    }
}

extension Problem {
    init(reading error: WallError) {
        switch error {
        case .unavailable:
            self = .unavailable("No store of this node answers right now. Try again in a few seconds.")
        // Its state is no fault of the question.
        case .refused(let refusal) where refusal.code == "busy" || refusal.code.hasPrefix("store_"):
            self = .unavailable("No store of this node can be read right now. Try again in a few seconds.")
        case .refused(let refusal) where refusal.code == "message_hidden":
            self = Problem(
                status: .gone, code: refusal.code, title: "Hidden here",
                text: "The operator of this node does not show that message. Other nodes may.")
        case .refused(let refusal):
            self = Problem(
                status: .badRequest, code: refusal.code, title: "That could not be read", text: refusal.text)
        }
    }

    /// Whether it is no fault of the request, and may be over in a moment.
    var isForNow: Bool { headers[.retryAfter] != nil }

    /// The same where it is a parameter of the address that is wrong, not the address.
    var ofParameter: Problem {
        var problem = self
        problem.status = .badRequest
        return problem
    }

    /// `{"error":{"code":…,"message":…}}`, with `candidates` where there are some: `{"id":…}` or `{"key":…}`.
    var json: String {
        var json = JSONWriter(.page)
        json.member("error") { json in
            json.member("code", code)
            json.member("message", text)
            guard !candidates.isEmpty else { return }
            json.member("candidates", array: candidates) { json, candidate in
                json.object { json in
                    switch candidate {
                    case .message: json.member("id", candidate.text)
                    case .author: json.member("key", candidate.text)
                    }
                }
            }
        }
        return json.object + "\n"
    }
}
