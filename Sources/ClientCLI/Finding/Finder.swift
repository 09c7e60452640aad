import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime

/// Finds what people mean by a few digits or a name.
struct Finder {
    let client: BusClient
    let keys: KeyStore
    let timeout: Duration
    /// Where to look; empty: any receiver will do.
    var stores: [StoreID] = []
    /// What an author claims to be called is good enough to read by, but not to change anything by.
    let takesNames: Bool

    /// - Throws: a report of status `usage` with the candidates where there are several, `failed` where there is none.
    func id(_ reference: MessageReference) async throws -> MessageID {
        switch (try await reference.find(asking: ask), reference) {
        case (.one(let id), _): return id
        case (.several(let matches), .prefix(let digits)): throw ambiguous(digits, matches.map(\.line))
        case (_, .prefix(let digits)): throw FailureReport("there is no message \(digits)…")
        case (_, .whole(let id)): throw FailureReport("there is no message \(id.hex)")
        }
    }

    /// What is whole comes first, then the names that nobody else gives: those of own key files.
    ///
    /// - Throws: as ``id(_:)``, and what reading the key file throws.
    func key(_ reference: KeyReference) async throws -> PublicKey {
        if let key = try reference.key ?? ownKey(reference.text) { return key }
        let shown = SafeText.line(reference.text)
        let hint =
            "give a key, its first \(BusLimits.prefixDigits) digits or more, or the name of a key file of yours"
            + (reference.text.hasPrefix("2011:") ? "; of 2011, the whole key, which --json shows" : "")
        switch try await reference.find(takesNames: takesNames, asking: ask) {
        case .one(let key): return key
        case .several(let matches): throw ambiguous(reference.text, matches.map(\.line))
        case .nothing: throw FailureReport("nobody here is '\(shown)'; \(hint)")
        case .malformed: throw FailureReport("'\(shown)' is no key; \(hint)", status: .usage)
        }
    }

    private func ownKey(_ name: String) throws -> PublicKey? {
        guard try keys.names().contains(name) else { return nil }
        return try KeptKey.identity(name, from: keys).publicKey
    }

    private func ask(_ sought: Query.Sought) async throws -> [Candidate] {
        var all: Set<Candidate> = []
        let places: [StoreID?] = stores.isEmpty ? [nil] : stores
        for store in places {
            all.formUnion(try await client.query(.find(sought), of: store, timeout: timeout).value(\.found))
        }
        return Array(all)
    }

    private func ambiguous(_ text: String, _ candidates: [String]) -> FailureReport {
        let more = candidates.count >= BusLimits.candidates ? ["  …"] : []
        let lines = ["'\(SafeText.line(text))' may be any of:"] + candidates.map { "  " + $0 } + more
        return FailureReport(lines.joined(separator: "\n"), status: .usage)
    }
}

extension Finding.Match {
    /// For people: the id or the key, what its author is called, why it may be meant.
    var line: String {
        switch candidate {
        case .message(let id): "\(id.hex)  (its id begins so)"
        case .author(let key, let name):
            key.text + (MessageText.name(name).map { "  " + $0 } ?? "")
                + "  (\(reasons.map(\.words).joined(separator: "; ")))"
        }
    }
}

extension Finding.Reason {
    fileprivate var words: String {
        switch self {
        case .digits: "the key begins so"
        case .claim: "calls itself so"
        case .pin: "you pinned this name"
        }
    }
}

extension MessageReference {
    /// What help says of it.
    static let help = "The message's id, or its first digits (six or more)."

    /// As a value on the command line.
    ///
    /// - Throws: what is expected.
    @Sendable static func argument(_ text: String) throws(FailureReport) -> MessageReference {
        try MessageReference(text).orExpected(
            "the id of a message, or its first digits, six or more of 0-9 and a-f")
    }
}

/// On the command line, the name of an own key file will do as well.
extension KeyReference: ExpressibleByArgument {
    /// What help says of it, in commands that change something.
    static let help = "The author's key, its first digits (six or more), or the name of a key file of yours."

    package init?(argument: String) { self.init(argument) }
}
