/// What `/readyz` answers.
package enum Readiness: Hashable, Sendable {
    case ready
    /// Not now; the text says what is missing.
    case notReady(String)
}
