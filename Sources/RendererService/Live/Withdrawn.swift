import Bus
import BusClient
import Messages

/// What the operator has lately taken off the wall: whatever of it still waits for a reader is not sent.
struct Withdrawn {
    private(set) var messages: Set<MessageID> = []
    private(set) var keys: Set<PublicKey> = []

    var count: Int { messages.count + keys.count }

    func holds(_ message: SignedMessage) -> Bool { messages.contains(message.id) || keys.contains(message.key) }

    /// - Returns: what is taken off by these rules.
    mutating func take(_ rules: [Rule]) -> [LiveEvent.Hidden] {
        rules.compactMap { rule in
            switch rule.subject {
            case .message(let id):
                if rule.isActive { messages.insert(id) } else { messages.remove(id) }
                return rule.isActive ? .message(id) : nil
            case .key(let key):
                if rule.isActive { keys.insert(key) } else { keys.remove(key) }
                return rule.isActive ? .author(key) : nil
            // What an author is called, and the like, takes nothing off.
            default: return nil
            }
        }
    }
}
