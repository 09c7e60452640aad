import Bus
import Messages

extension Refusal {
    package init(_ error: MessageError) {
        self.init(code: error.code.rawValue, text: error.message)
    }

    package init(_ error: StoreError) {
        self.init(code: error.code.rawValue, text: error.message)
    }

    package static let keyBlocked = Refusal(
        code: "key_blocked", text: "the operator of this store has blocked the author's key")

    package static let expired = Refusal(
        code: "message_expired", text: "the message is older than what this store keeps: check both clocks")

    /// Of a message that is dated too far ahead.
    package static func early(_ message: SignedMessage, now: Int64) -> Refusal {
        do throws(MessageError) {
            try message.checkTime(now: now)
        } catch {
            return Refusal(error)
        }
        return Refusal(code: MessageError.Code.atInFuture.rawValue, text: "the author's time has not come yet")
    }

    package static let hidden = Refusal(
        code: "message_hidden", text: "the operator of this store has hidden the message")

    package static let searchTooBroad = Refusal(
        code: "search_too_broad",
        text: "so many messages hold that that looking through them takes too long; add a word, an author or a channel")
}
