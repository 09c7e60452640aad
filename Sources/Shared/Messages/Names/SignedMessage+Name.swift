extension SignedMessage {
    /// What a message says of its author's name.
    public enum NameClaim: Hashable, Sendable {
        case called(DisplayName)
        /// An empty `+name`: what was claimed before holds no longer.
        case nobody
    }

    /// What the signal `+name` says; nil where there is none, or one that is no name: it costs only itself.
    ///
    /// A 2011 message has no such signal, because its signature would not cover it.
    public var nameClaim: NameClaim? {
        var reader = SignalReader(bytes)
        // The five that every Ed25519 message has.
        guard reader.count > 5 else { return nil }
        while let place = reader.nextOfChecked() {
            guard reader.text(place.key) == SignalKey.name else { continue }
            if place.value.isEmpty { return .nobody }
            return (try? DisplayName(reader.text(place.value))).map { .called($0) }
        }
        return nil
    }
}

extension SignedMessage.NameClaim {
    /// The signal that says it, as what ``Identity/sign(_:channel:at:extra:)`` takes.
    public var signals: [String: String] { [SignalKey.name: text] }

    public var name: DisplayName? {
        switch self {
        case .called(let name): name
        case .nobody: nil
        }
    }

    /// The signal's value.
    public var text: String { name?.text ?? "" }
}
