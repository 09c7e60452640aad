/// What a message of an author is charged to. Each author has two accounts: what was written long ago anybody can bring
/// from elsewhere, and it must not use up what the author may write now.
package struct AuthorAccount: Hashable, Sendable {
    package let key: PublicKey
    /// For what was not written now.
    package let isHistory: Bool

    package init(_ key: PublicKey, isHistory: Bool = false) {
        self.key = key
        self.isHistory = isHistory
    }

    /// - Parameter arrivedAt: milliseconds since 1970. What has no date, as most of 2011, counts as written then.
    package init(of message: SignedMessage, arrivedAt: Int64) {
        let at = message.at ?? arrivedAt
        self.init(message.key, isHistory: at < arrivedAt - MessageLimits.presentMilliseconds)
    }
}
