/// A condition did not become true in time.
public struct NotInTime: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Asks `condition` again and again until it gives a value, and throws ``NotInTime`` after `limit`.
///
/// Only for facts outside of this process that announce themselves nowhere (a page, a counter of another process). What
/// can be awaited is awaited. Errors of `condition` count as "not yet"; the last one is part of the message.
@discardableResult
public func eventually<Value>(
    _ what: String, within limit: Duration, every interval: Duration = .milliseconds(20),
    isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    var lastError: (any Error)?
    repeat {
        do {
            if let value = try await condition() { return value }
            lastError = nil
        } catch let error as CancellationError {
            throw error
        } catch {
            lastError = error
        }
        try await Task.sleep(for: interval)
    } while ContinuousClock.now < deadline
    throw NotInTime("\(what): not within \(limit)" + (lastError.map { " (last error: \($0))" } ?? ""))
}

/// As ``eventually(_:within:every:isolation:_:)`` for a plain yes or no.
public func eventually(
    _ what: String, within limit: Duration, every interval: Duration = .milliseconds(20),
    isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
    let _: Void = try await eventually(what, within: limit, every: interval, isolation: isolation) {
        try await condition() ? () : nil
    }
}

/// Lets time pass as part of a scenario: a peer that answers late, a beat every second. Not for waiting until something
/// has happened; that is awaited.
public func letTimePass(_ duration: Duration) async throws {
    try await Task.sleep(for: duration)
}
