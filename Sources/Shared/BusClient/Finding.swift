import Bus
import Messages

/// What a reference turned out to mean.
public enum Finding<Subject: Sendable>: Sendable {
    case one(Subject)
    /// In order; as many as ``BusLimits/candidates`` mean that there may be more.
    case several([Candidate])
    /// Nothing here is called that.
    case nothing
    /// Nothing can be called that.
    case malformed
}

extension MessageReference {
    /// - Parameter ask: asks a store, or several.
    public func find(asking ask: (Query.Sought) async throws -> [Candidate]) async throws -> Finding<MessageID> {
        switch self {
        case .whole(let id): return .one(id)
        case .prefix(let digits):
            let ids = try await ask(.message(prefix: digits)).compactMap { candidate -> MessageID? in
                if case .message(let id) = candidate { id } else { nil }
            }
            guard let id = ids.first else { return .nothing }
            return ids.count == 1 ? .one(id) : .several(ids.sorted().map { .message($0) })
        }
    }
}

extension KeyReference {
    /// What is whole needs no store.
    ///
    /// - Parameters:
    ///   - takesNames: whether what an author claims to be called will do.
    ///   - ask: asks a store, or several.
    public func find(
        takesNames: Bool = true, asking ask: (Query.Sought) async throws -> [Candidate]
    ) async throws -> Finding<PublicKey> {
        if let key { return .one(key) }
        var found: [PublicKey: AuthorName] = [:]
        func add(_ candidates: [Candidate]) {
            for case .author(let key, let name) in candidates { found[key] = name }
        }
        let parts = parts
        for part in parts { add(try await ask(.key(prefix: part.prefix, suffix: part.suffix))) }
        let name = takesNames ? try? DisplayName(typed: text) : nil
        if let name {
            let called = try await ask(.name(name))
            // What the operator calls an author stands above what others claim.
            let pinned = called.filter { candidate in
                guard case .author(_, let known) = candidate else { return false }
                return known.pinned == name
            }
            add(pinned.isEmpty ? called : pinned)
        }
        guard let key = found.keys.first else { return parts.isEmpty && name == nil ? .malformed : .nothing }
        guard found.count > 1 else { return .one(key) }
        let inOrder = found.sorted { $0.key.text < $1.key.text }
        return .several(inOrder.map { .author($0.key, $0.value) })
    }
}
