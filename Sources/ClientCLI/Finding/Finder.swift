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
        switch reference {
        case .whole(let id): return id
        case .prefix(let digits):
            let found = try await ask(.message(prefix: digits)).compactMap { candidate -> MessageID? in
                if case .message(let id) = candidate { id } else { nil }
            }
            guard let id = found.first else { throw FailureReport("there is no message \(digits)…") }
            guard found.count == 1 else { throw ambiguous(digits, found.map(\.hex)) }
            return id
        }
    }

    /// What is whole comes first, then the names that nobody else gives: those of own key files.
    ///
    /// - Throws: as ``id(_:)``, and what reading the key file throws.
    func key(_ reference: KeyReference) async throws -> PublicKey {
        if let key = try reference.key ?? ownKey(reference.text) { return key }
        var found: [PublicKey: AuthorName] = [:]
        func add(_ candidates: [Candidate]) {
            for case .author(let key, let name) in candidates { found[key] = name }
        }
        let parts = reference.parts
        for part in parts { add(try await ask(.key(prefix: part.prefix, suffix: part.suffix))) }
        let name = takesNames ? try? DisplayName(typed: reference.text) : nil
        if let name {
            let called = try await ask(.name(name))
            // What the operator calls an author stands above what others claim.
            let pinned = called.filter { candidate in
                guard case .author(_, let known) = candidate else { return false }
                return known.pinned == name
            }
            add(pinned.isEmpty ? called : pinned)
        }
        if let key = found.keys.first, found.count == 1 { return key }
        guard found.isEmpty else {
            let lines = found.map { key, name in key.text + (MessageText.name(name).map { "  " + $0 } ?? "") }
            throw ambiguous(reference.text, lines.sorted())
        }
        let shown = SafeText.line(reference.text)
        let hint = "give a key, its first \(BusLimits.prefixDigits) digits or more, or the name of a key file of yours"
        guard !parts.isEmpty || name != nil else {
            throw FailureReport("'\(shown)' is no key; \(hint)", status: .usage)
        }
        throw FailureReport("nobody here is '\(shown)'; \(hint)")
    }

    private func ownKey(_ name: String) throws -> PublicKey? {
        guard try keys.names().contains(name) else { return nil }
        guard case .identity(let identity) = try KeptKey.load(name, from: keys) else {
            throw FailureReport("'\(name)' is the key of a service, not of an author", status: .usage)
        }
        return identity.publicKey
    }

    private func ask(_ sought: Query.Sought) async throws -> [Candidate] {
        var all: Set<Candidate> = []
        let places: [StoreID?] = stores.isEmpty ? [nil] : stores
        for store in places {
            let answer = try await client.query(.find(sought), of: store, timeout: timeout)
            switch answer.body {
            case .found(let candidates): all.formUnion(candidates)
            default: _ = try Answers.page(answer)
            }
        }
        return all.sorted { $0.order < $1.order }
    }

    private func ambiguous(_ text: String, _ candidates: [String]) -> FailureReport {
        let more = candidates.count >= BusLimits.candidates ? ["  …"] : []
        let lines = ["'\(SafeText.line(text))' may be any of:"] + candidates.map { "  " + $0 } + more
        return FailureReport(lines.joined(separator: "\n"), status: .usage)
    }
}

extension Candidate {
    fileprivate var order: String {
        switch self {
        case .message(let id): id.hex
        case .author(let key, _): key.text
        }
    }
}
