import Synchronization

/// A value that lives on a loop's thread, and a name for it that may travel: a job finds the value again.
///
/// The value is dropped, on the loop's thread, when the last name goes or the loop ends.
package final class LoopBound<Value>: Sendable {
    private final class Box {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    private let key: UInt64
    private let mailbox: Mailbox

    /// Made on the loop's thread, usually as the result of ``Loop/run(_:)``.
    package init(_ value: Value, in context: LoopContext) {
        key = LoopKeys.next()
        mailbox = context.mailbox
        context.keep(Box(value), as: key)
    }

    /// Made anywhere: the loop makes the value before every job that is posted later.
    package init(on loop: Loop, _ make: @escaping @Sendable (LoopContext) -> Value) {
        key = LoopKeys.next()
        mailbox = loop.mailbox
        _ = mailbox.submit { [key] context in
            guard let context else { return }
            context.keep(Box(make(context)), as: key)
        }
    }

    deinit {
        _ = mailbox.submit { [key] context in context?.keep(nil, as: key) }
    }

    /// Runs the body on the value's thread and gives back what it returns, as ``Loop/run(_:)``.
    package func run<T: Sendable>(_ body: @escaping @Sendable (Value) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            _ = mailbox.submit { [self] context in
                guard let context else { return continuation.resume(throwing: ZeroMQError.loopClosed) }
                continuation.resume(with: Result { try body(value(in: context)) })
            }
        }
    }

    /// Runs the body on the value's thread, as ``Loop/post(_:)``.
    @discardableResult
    package func post(_ body: @escaping @Sendable (Value) -> Void) -> Bool {
        mailbox.submit { [self] context in
            if let context { body(value(in: context)) }
        }
    }

    /// The value, for a job of the same loop.
    package func value(in context: LoopContext) -> Value {
        context.checkThread()
        guard context.mailbox === mailbox, let box = context.values[key] as? Box else {
            preconditionFailure("the value belongs to another loop")
        }
        return box.value
    }
}

/// Keys are unique in the process, so they can be given out on any thread.
private enum LoopKeys {
    private static let last = Atomic<UInt64>(0)

    static func next() -> UInt64 { last.add(1, ordering: .relaxed).newValue }
}
