import ArgumentParser
import Bus
import BusClient
import Messages
import ServiceRuntime
import TelehashWire

/// What `hide`, `block`, `pin` and their opposites have in common.
enum RuleSetting {
    /// Sets a rule in every store and says what it did there.
    ///
    /// - Parameters:
    ///   - keepsReason: whether a reason that is there already stays.
    ///   - makeRule: resolves the author or message that it is about.
    static func set(
        _ options: StoreOptions, command: String, keepsReason: Bool = false,
        _ makeRule: (Finder) async throws -> Rule
    ) async throws {
        try await options.run(command) { client, stores in
            let finder = Finder(
                client: client, keys: options.bus.keys.store, timeout: options.timeout, stores: stores,
                takesNames: false)
            var rule = try await makeRule(finder)
            if keepsReason {
                var known: [Rule] = []
                try await each(rule.kind, of: stores, client, options) { _, other in known.append(other) }
                rule = rule.keepingReason(of: known)
            }
            var lines = ""
            for store in stores {
                let answer = try await client.control(.set(rule), of: store, timeout: options.timeout)
                let count = try Answers.done(answer)
                var line = JSONWriter(.terminal)
                line.member("store", store.description)
                if rule.kind != .pinnedName { line.member("messages", Int64(clamping: count)) }
                lines += options.json ? line.object + "\n" : "\(store)  \(changes(of: rule, count))\n"
            }
            // After the last store: that nobody reads the words must not keep it from one of them.
            try StandardStreams.out(lines)
        }
    }

    /// - Throws: what the parser says of a wrong command line.
    static func check(reason: String) throws {
        guard reason.utf8.count <= BusLimits.reasonBytes else {
            throw ValidationError("--reason has at most \(BusLimits.reasonBytes) bytes")
        }
    }

    /// - Parameter count: the messages that it changed; names change none.
    private static func changes(of rule: Rule, _ count: UInt64) -> String {
        switch (rule.kind, rule.isActive) {
        case (.pinnedName, true): "named \(SafeText.line(rule.reason)) here"
        case (.pinnedName, false): "no name is given here"
        case (_, true): "\(counted(count, "message")) hidden"
        case (_, false): "\(counted(count, "message")) shown again"
        }
    }

    /// Prints the rules in force of one kind, those of each store.
    static func list(_ kind: Rule.Kind, _ options: StoreOptions, command: String) async throws {
        try await options.run(command) { client, stores in
            try await each(kind, of: stores, client, options) { store, rule in
                try StandardStreams.out(text(of: rule, in: store, json: options.json))
            }
        }
    }

    /// Goes through the rules in force of one kind, those of each store.
    private static func each(
        _ kind: Rule.Kind, of stores: [StoreID], _ client: BusClient, _ options: StoreOptions,
        _ body: (StoreID, Rule) throws -> Void
    ) async throws {
        for store in stores {
            var last: [UInt8]?
            repeat {
                let question = Query.rules(kind, after: last, limit: UInt32(BusLimits.rules))
                let answer = try await client.query(question, of: store, timeout: options.timeout)
                guard case .rules(let rules, let more) = answer.body else {
                    _ = try Answers.done(answer)
                    return
                }
                for rule in rules where rule.isActive { try body(store, rule) }
                last = more ? rules.last?.subjectBytes : nil
            } while last != nil
        }
    }

    private static func text(of rule: Rule, in store: StoreID, json: Bool) -> String {
        let subject: (name: String, text: String) =
            switch rule.subject {
            case .message(let id): ("id", id.hex)
            case .key(let key), .name(of: let key): ("key", key.text)
            }
        guard json else {
            let reason = rule.reason.isEmpty ? "" : "  " + SafeText.line(rule.reason)
            return "\(Timestamp.text(rule.at).prefix(19))Z  \(subject.text)\(reason)\n"
        }
        var line = JSONWriter(.terminal)
        line.member("store", store.description)
        line.member(subject.name, subject.text)
        line.member("at", rule.at)
        line.member(rule.kind == .pinnedName ? "name" : "reason", rule.reason)
        return line.object + "\n"
    }
}

extension Rule {
    /// The same with the reason of the newest of those about the same subject.
    func keepingReason(of others: [Rule]) -> Rule {
        let newest = others.filter { $0.subject == subject }.max { $0.at < $1.at }
        return Rule(subject: subject, isActive: isActive, at: at, reason: newest?.reason ?? reason)
    }
}
