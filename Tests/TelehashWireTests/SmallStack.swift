import Foundation

/// Runs `body` on a thread whose stack has no more than `bytes`, and waits for it: whatever recurses with the depth of its
/// input ends the process there.
func onSmallStack<Value: Sendable>(bytes: Int, _ body: @escaping @Sendable () -> Value) throws -> Value {
    let job = Job(body)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    guard pthread_attr_setstacksize(&attributes, bytes) == 0 else { throw CocoaError(.featureUnsupported) }
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start { job.run() }).toOpaque()
    let status = pthread_create(
        &thread, &attributes,
        { start in
            // The argument is optional on one platform and not on another.
            let argument: UnsafeMutableRawPointer? = start
            guard let start = argument else { return nil }
            Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body()
            return nil
        }, start)
    guard status == 0 else { throw CocoaError(.featureUnsupported) }
    pthread_join(thread, nil)
    guard let result = job.result else { throw CocoaError(.featureUnsupported) }
    return result
}

private final class Start {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

private final class Job<Value>: @unchecked Sendable {
    private let body: @Sendable () -> Value
    /// Written by the thread before it ends, read after it was joined.
    private(set) var result: Value?

    init(_ body: @escaping @Sendable () -> Value) { self.body = body }

    func run() { result = body() }
}
