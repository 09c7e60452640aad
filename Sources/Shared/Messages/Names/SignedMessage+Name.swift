import TelehashWire

extension SignedMessage {
    /// What a message says of its author's name.
    package enum NameClaim: Hashable, Sendable {
        case called(DisplayName)
        /// An empty `+name`: what was claimed before holds no longer.
        case nobody
    }

    /// What the signal `+name` says; nil where there is none, or one that is no name: it costs only itself.
    ///
    /// A 2011 message has no such signal, because its signature would not cover it.
    package var nameClaim: NameClaim? {
        guard let name = signals[SignalKey.name] else { return nil }
        if name.isEmpty { return .nobody }
        return (try? DisplayName(name)).map { .called($0) }
    }
}

extension SignedMessage.NameClaim {
    /// The signal that says it, as what ``Identity/sign(_:channel:at:extra:)`` takes.
    package var signals: Signals { [SignalKey.name: text] }

    package var name: DisplayName? {
        switch self {
        case .called(let name): name
        case .nobody: nil
        }
    }

    /// The signal's value.
    package var text: String { name?.text ?? "" }
}
