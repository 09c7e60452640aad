import Bus
import BusClient
import Hummingbird
import Messages
import ServiceRuntime

/// Messages and authors, as visitors give them: by the first digits, by a name.
extension Site {
    func message(_ text: String) async throws -> MessageID {
        guard let reference = MessageReference(text) else { throw Problem.noMessageID }
        switch try await reference.find(asking: candidates) {
        case .one(let id): return id
        case .several(let matches): throw Problem.ambiguous(text, matches.map(\.candidate))
        case .nothing, .malformed: throw Problem.noMessage(beginning: text)
        }
    }

    /// A name is searched for.
    ///
    /// - Parameter isAdmitted: whether the visitor's search was counted already.
    /// - Throws: also 429, and 503 where others search.
    func author(
        _ text: String, _ request: Request, _ context: SiteContext, isAdmitted: Bool = false
    ) async throws -> PublicKey {
        guard let reference = KeyReference(text) else { throw Problem.noAuthor }
        let found = try await reference.find { sought in
            guard Query.find(sought).isSearch else { return try await candidates(sought) }
            if !isAdmitted { try admitSearch(request, context) }
            return try await inPlace(request, context) { try await candidates(sought) }
        }
        switch found {
        case .one(let key): return key
        case .several(let matches): throw Problem.ambiguous(text, matches.map(\.candidate))
        case .nothing: throw Problem.noAuthor(called: text)
        case .malformed: throw Problem.noAuthor
        }
    }

    /// The field `author` of a search; nil where nobody filled it in.
    func author(
        in query: FormFields, _ request: Request, _ context: SiteContext, isAdmitted: Bool
    ) async throws -> PublicKey? {
        guard let text = query["author"]?.trimming(while: \.isWhitespace), !text.isEmpty else { return nil }
        do {
            return try await author(text, request, context, isAdmitted: isAdmitted)
        } catch let problem as Problem {
            throw problem.isForNow ? problem : problem.ofParameter
        }
    }

    private func candidates(_ sought: Query.Sought) async throws -> [Candidate] {
        try await wall.query(.find(sought)).value(\.found)
    }
}

extension Problem {
    fileprivate static let noMessageID = Problem(
        status: .notFound, code: "id_malformed", title: "No such message",
        text: "That is not the id of a message. An id has 64 hex digits, "
            + "of which the first \(BusLimits.prefixDigits) or more will do if they are unique here.")

    fileprivate static func noMessage(beginning digits: String) -> Problem {
        Problem(
            status: .notFound, code: "message_not_found", title: "No such message",
            text: "This node has no message whose id begins with \(digits).")
    }

    private static let authorHint =
        "Give a key, its first \(BusLimits.prefixDigits) digits or more if they are unique here, or a name."

    fileprivate static let noAuthor = Problem(
        status: .notFound, code: "author_malformed", title: "No such author",
        text: "That is neither a key nor a name. \(authorHint)")

    fileprivate static func noAuthor(called text: String) -> Problem {
        Problem(
            status: .notFound, code: "author_not_found", title: "No such author",
            text: "Nobody here is “\(SafeText.line(text))”. \(authorHint)")
    }

    fileprivate static func ambiguous(_ text: String, _ candidates: [Candidate]) -> Problem {
        let more = candidates.count < BusLimits.candidates ? "" : ", or another one"
        return Problem(
            status: .multipleChoices, code: "ambiguous", title: "Which one?",
            text: "“\(SafeText.line(text))” may be any of these\(more).", candidates: candidates)
    }
}

extension Candidate {
    /// The address of its page under the base path.
    var address: String {
        switch self {
        case .message(let id): "/tweets/\(id.hex)"
        case .author(let key, _): Listing.author(key).address()
        }
    }

    var text: String {
        switch self {
        case .message(let id): id.hex
        case .author(let key, _): key.text
        }
    }
}
