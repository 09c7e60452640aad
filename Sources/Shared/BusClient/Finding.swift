import Bus
import Messages

/// What a reference turned out to mean.
package enum Finding<Subject: Sendable>: Sendable {
    case one(Subject)
    /// In order; as many as ``BusLimits/candidates`` mean that there may be more.
    case several([Match])
    /// Nothing here is called that.
    case nothing
    /// Nothing can be called that.
    case malformed

    /// What may be meant, and why.
    package struct Match: Hashable, Sendable {
        package let candidate: Candidate
        /// At least one.
        package let reasons: [Reason]
    }

    package enum Reason: Hashable, Sendable {
        /// The id or the key begins so.
        case digits
        /// The author calls itself so.
        case claim
        /// The operator calls the author so.
        case pin
    }
}

extension MessageReference {
    /// - Parameter ask: asks a store, or several.
    package func find(asking ask: (Query.Sought) async throws -> [Candidate]) async throws -> Finding<MessageID> {
        switch self {
        case .whole(let id): return .one(id)
        case .prefix(let digits):
            let ids = try await ask(.message(prefix: digits)).compactMap { candidate -> MessageID? in
                if case .message(let id) = candidate { id } else { nil }
            }
            guard let id = ids.first else { return .nothing }
            return ids.count == 1
                ? .one(id)
                : .several(
                    ids.sorted().map { .init(candidate: .message($0), reasons: [.digits]) })
        }
    }
}

extension KeyReference {
    /// What is whole needs no store.
    ///
    /// - Parameters:
    ///   - takesNames: whether what an author claims to be called will do.
    ///   - ask: asks a store, or several.
    package func find(
        takesNames: Bool = true, asking ask: (Query.Sought) async throws -> [Candidate]
    ) async throws -> Finding<PublicKey> {
        if let key { return .one(key) }
        var found: [PublicKey: (name: AuthorName, reasons: [Finding<PublicKey>.Reason])] = [:]
        func add(_ candidates: [Candidate], by reason: Finding<PublicKey>.Reason) {
            for case .author(let key, let name) in candidates {
                let known = found[key]?.reasons ?? []
                found[key] = (name, known.contains(reason) ? known : known + [reason])
            }
        }
        let parts = parts
        for part in parts { add(try await ask(.key(prefix: part.prefix, suffix: part.suffix)), by: .digits) }
        let name = takesNames ? try? DisplayName(typed: text) : nil
        if let name {
            let called = try await ask(.name(name))
            // What the operator calls an author stands above what others claim.
            let pinned = called.filter { candidate in
                guard case .author(_, let known) = candidate else { return false }
                return known.pinned == name
            }
            add(pinned.isEmpty ? called : pinned, by: pinned.isEmpty ? .claim : .pin)
        }
        guard let key = found.keys.first else { return parts.isEmpty && name == nil ? .malformed : .nothing }
        guard found.count > 1 else { return .one(key) }
        let inOrder = found.sorted { $0.key.text < $1.key.text }
        return .several(inOrder.map { .init(candidate: .author($0.key, $0.value.name), reasons: $0.value.reasons) })
    }
}
