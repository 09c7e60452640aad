import BusSecurity
import Operations
import ServiceRuntime
import Synchronization
import ZeroMQ

/// A name for the core that may travel between threads.
struct CoreHandle: Sendable {
    private let loop: Loop
    private let core: LoopBound<ReceiverCore>

    static func make(_ parts: ReceiverCore.Parts, on loop: Loop) async throws -> CoreHandle {
        let core = try await loop.run { context in
            // The core's parts reach it by the same name, which exists only after it.
            let name = Late<LoopBound<ReceiverCore>>()
            let core = try ReceiverCore(parts, in: context) { [weak loop] body in
                loop?.post { context in
                    if let core = name.value { body(core.value(in: context)) }
                }
            }
            let bound = LoopBound(core, in: context)
            name.value = bound
            return bound
        }
        return CoreHandle(loop: loop, core: core)
    }

    /// Runs the body on the core's thread.
    ///
    /// - Returns: false when that thread has ended.
    @discardableResult
    func post(_ body: @escaping @Sendable (ReceiverCore) -> Void) -> Bool {
        loop.post { [core] context in body(core.value(in: context)) }
    }

    /// As the core's; nil when its thread has ended.
    func allow(_ entry: BusGuard) async throws -> Bool? {
        do {
            return try await loop.run { [core] context in try core.value(in: context).allow(entry) }
        } catch let error as ZeroMQError where error.code == .loopClosed {
            return nil
        }
    }

    /// Whether the core's thread has come round; one that was ended did, too.
    func isAlive() async -> Bool { (try? await loop.run { _ in true }) ?? true }

    func readiness() async -> Readiness {
        let answer = try? await loop.run { [core] context in core.value(in: context).readiness }
        return answer ?? .notReady("stopping")
    }
}

/// A value that is set once, later.
final class Late<Value: AnyObject & Sendable>: Sendable {
    private struct Weak: Sendable { weak var value: Value? }
    private let box = Mutex(Weak())

    var value: Value? {
        get { box.withLock { $0.value } }
        set { box.withLock { $0.value = newValue } }
    }
}
