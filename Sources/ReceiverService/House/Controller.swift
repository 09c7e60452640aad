import Bus
import Logging
import Messages
import ReceiverStore

/// Carries out what an operator asks of this store.
struct Controller: Sendable {
    let store: any Store
    let intake: SideIntake
    let queue: WorkQueue
    let logger: Logger

    func answer(_ control: Control) async -> Answer {
        do throws(StoreError) {
            return Answer(store: store.id, position: try await store.position(), body: try await carryOut(control))
        } catch {
            return Answer(store: store.id, position: 0, body: .refused(Refusal(error)))
        }
    }

    private func carryOut(_ control: Control) async throws(StoreError) -> Answer.Body {
        switch control {
        case .set(let rule):
            let changed = try await queue.run { try store.set(rule) }
            logger.notice(
                "a rule was set",
                metadata: ["kind": "\(rule.kind)", "active": "\(rule.isActive)", "messages": "\(changed)"])
            return .done(UInt64(changed))
        case .store(let messages):
            return .imported(try await intake.take(messages))
        case .backup(let path):
            let bytes = try await queue.run { try store.backUp(to: path) }
            logger.notice("the store was copied", metadata: ["to": "\(path)", "bytes": "\(bytes)"])
            return .done(bytes)
        }
    }
}
