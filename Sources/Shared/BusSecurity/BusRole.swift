import Bus

/// What a process may do on the bus. Over `tcp://` its key's line in the allow-list says which it is.
///
/// Over `ipc://` the directory of the sockets keeps strangers out, and everybody inside may do everything, unless
/// ``PeerRoles`` say what each user may do.
package enum BusRole: String, Sendable, Hashable, CaseIterable {
    /// Takes deliveries and acknowledges them; reads the other receivers.
    case receiver
    /// Publishes and asks on behalf of those who use the page.
    case renderer
    /// Publishes, follows, asks, and changes stores: the command line.
    case client

    /// Whether router and receivers take this from a process of this role.
    package func maySend(_ message: BusMessage) -> Bool {
        switch message {
        case .hello, .acks, .receiverBeat, .goodbye: self == .receiver
        case .publish: self != .receiver
        case .follow, .unfollow, .control, .deadLettersRequest: self == .client
        // Which authors a node knows is nobody's business but its own.
        case .query(_, .rules(.known, _, _), _): self != .renderer
        // Questions, and what is nobody's to send: that is answered or counted as anywhere.
        default: true
        }
    }

    /// The message as a process of this role may mean it: what comes by way of the page is a visitor's, whatever it says.
    package func limited(_ message: BusMessage) -> BusMessage {
        guard case .publish(var publish) = message, self != .client else { return message }
        publish.origin = .visitor
        return .publish(publish)
    }
}
