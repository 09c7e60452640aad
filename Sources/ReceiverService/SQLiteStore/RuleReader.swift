import Foundation
import GRDB
import Messages

import struct Bus.Rule

/// What the rules say, within one transaction. Where there are no rules it costs nothing.
final class RuleReader {
    private let isActive: Statement?
    private var blocked: [PublicKey: Bool] = [:]

    init(_ db: Database) throws {
        let exists = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM rules)")
        let hasRules = try Bool.fetchOne(exists) ?? false
        isActive =
            hasRules ? try db.cachedStatement(sql: "SELECT active FROM rules WHERE kind = ? AND subject = ?") : nil
    }

    func isBlocked(_ key: PublicKey) throws -> Bool {
        guard isActive != nil else { return false }
        if let known = blocked[key] { return known }
        let answer = try holds(.key(key))
        blocked[key] = answer
        return answer
    }

    func isHidden(_ id: MessageID) throws -> Bool {
        try isActive == nil ? false : holds(.message(id))
    }

    private func holds(_ subject: Rule.Subject) throws -> Bool {
        guard let isActive else { return false }
        let rule = Rule(subject: subject, isActive: true, at: 0)
        return try Bool.fetchOne(isActive, arguments: [rule.kind.rawValue, Data(rule.subjectBytes)]) ?? false
    }
}
