import Messages
import ReceiverStore
import ServiceRuntime

extension Retention {
    /// Whether anything is dropped for its age.
    var hasAge: Bool { shortestAge != nil }

    /// How long a node may have been off before its clock is in doubt: a tenth of what is kept, so that a wrong clock takes
    /// no more than that; a day at most, as nights and restarts are what is usual.
    var downtime: Duration {
        min(max((shortestAge ?? Limits.longestDowntime) / 10, Limits.shortestDowntime), Limits.longestDowntime)
    }

    private var shortestAge: Duration? { ([general] + channels.values).compactMap(\.age).min() }

    /// - Parameter rules: `AGE` or `BYTES`, each perhaps after `CHANNEL=`: `90d`, `2GB`, `tweets=500MB`.
    /// - Throws: ``FailureReport`` of status `usage` that names the rule.
    init(_ rules: [String]) throws(FailureReport) {
        self.init()
        for text in rules {
            do { try add(KeepRule(text)) } catch {
                throw FailureReport("--keep '\(SafeText.line(text))': \(error)", status: .usage)
            }
        }
    }

    private mutating func add(_ rule: KeepRule) throws {
        let bounds =
            switch rule.bound {
            case .age(let age): Bounds(age: age)
            case .bytes(let bytes): Bounds(bytes: bytes)
            }
        if let channel = rule.channel {
            channels[try Channel(channel).end, default: Bounds()].merge(bounds)
        } else {
            general.merge(bounds)
        }
    }
}

extension Retention.Bounds {
    fileprivate mutating func merge(_ other: Self) {
        age = other.age ?? age
        bytes = other.bytes ?? bytes
    }
}
