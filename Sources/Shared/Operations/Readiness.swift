/// What `/readyz` answers.
public enum Readiness: Hashable, Sendable {
    case ready
    /// Not now; the text says what is missing.
    case notReady(String)
}
