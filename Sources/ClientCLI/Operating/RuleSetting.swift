import Bus
import BusClient
import Messages
import ServiceRuntime
import TelehashWire

/// What `hide`, `block`, `pin` and their opposites have in common.
extension StoreOptions {
    /// Sets a rule in every store and says what it did there.
    ///
    /// - Parameters:
    ///   - keepsReason: whether a reason that is there already stays.
    ///   - makeRule: resolves the author or message that it is about.
    func set(as command: String, keepsReason: Bool = false, _ makeRule: (Finder) async throws -> Rule) async throws {
        try await run(command) { client, stores in
            let finder = Finder(
                client: client, keys: bus.keys.store, timeout: timeout, stores: stores, takesNames: false)
            var rule = try await makeRule(finder)
            if keepsReason {
                var known: [Rule] = []
                try await each(rule.kind, of: stores, client) { _, other in known.append(other) }
                rule = rule.keepingReason(of: known)
            }
            var lines = ""
            for store in stores {
                let count = try await client.control(.set(rule), of: store, timeout: timeout).value(\.done)
                var line = JSONWriter(.terminal)
                line.member("store", store.description)
                if rule.kind != .pinnedName { line.member("messages", count) }
                lines += json ? line.object + "\n" : "\(store)  \(rule.changes(count))\n"
            }
            // After the last store: that nobody reads the words must not keep it from one of them.
            try StandardStreams.out(lines)
        }
    }

    /// Prints the rules in force of one kind, those of each store.
    func list(_ kind: Rule.Kind, as command: String) async throws {
        try await run(command) { client, stores in
            try await each(kind, of: stores, client) { store, rule in
                try StandardStreams.out(json ? rule.json(in: store) : rule.line)
            }
        }
    }

    /// Goes through the rules in force of one kind, those of each store.
    private func each(
        _ kind: Rule.Kind, of stores: [StoreID], _ client: BusClient, _ body: (StoreID, Rule) throws -> Void
    ) async throws {
        for store in stores {
            var last: [UInt8]?
            repeat {
                let question = Query.rules(kind, after: last, limit: UInt32(BusLimits.rules))
                let (rules, more) = try await client.query(question, of: store, timeout: timeout).value(\.rules)
                for rule in rules where rule.isActive { try body(store, rule) }
                last = more ? rules.last?.subjectBytes : nil
            } while last != nil
        }
    }
}

extension Rule {
    /// - Parameter count: the messages that it changed; names change none.
    fileprivate func changes(_ count: UInt64) -> String {
        switch (kind, isActive) {
        case (.pinnedName, true): "named \(SafeText.line(reason)) here"
        case (.pinnedName, false): "no name is given here"
        case (_, true): "\(counted(count, "message")) hidden"
        case (_, false): "\(counted(count, "message")) shown again"
        }
    }

    private var subjectText: String {
        switch subject {
        case .message(let id): id.hex
        case .key(let key), .name(of: let key), .known(let key): key.text
        }
    }

    fileprivate var line: String {
        "\(Timestamp.text(at).prefix(19))Z  \(subjectText)\(reason.isEmpty ? "" : "  " + SafeText.line(reason))\n"
    }

    fileprivate func json(in store: StoreID) -> String {
        var line = JSONWriter(.terminal)
        line.member("store", store.description)
        line.member(kind == .hiddenMessage ? "id" : "key", subjectText)
        line.member("at", at)
        line.member(kind == .pinnedName ? "name" : "reason", reason)
        return line.object + "\n"
    }

    /// The same with the reason of the newest of those about the same subject.
    func keepingReason(of others: [Rule]) -> Rule {
        let newest = others.filter { $0.subject == subject }.max { $0.at < $1.at }
        return Rule(subject: subject, isActive: isActive, at: at, reason: newest?.reason ?? reason)
    }
}
