import Bus
import BusClient
import Logging
import Messages
import ReceiverStore
import ServiceRuntime

/// What a receiver does with its open store beside the bus's thread.
struct Household: Sendable {
    let store: any Store
    let retention: Retention
    let admission: Admission
    let board = NoticeBoard()
    let counters: Counters
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    let announce: @Sendable (Committed) -> Void
    private let trouble: ReadTrouble

    init(
        store: any Store, retention: Retention, admission: Admission, counters: Counters, logger: Logger,
        clock: @escaping @Sendable () -> Int64, announce: @escaping @Sendable (Committed) -> Void
    ) {
        self.store = store
        self.retention = retention
        self.admission = admission
        self.counters = counters
        self.logger = logger
        self.clock = clock
        self.announce = announce
        trouble = ReadTrouble(logger: logger)
    }

    func answer(_ query: Query) async -> Answer {
        let answer = await store.answer(query).with(board.notices)
        // A message that is hidden is an answer, too.
        if case .refused(let refusal) = answer.body, refusal != .hidden { counters.add("queries_failed") }
        trouble.note(answer.body)
        return answer
    }

    /// The router has told what this node takes. The names go into the store, beside the thread of the bus.
    @Sendable func take(_ all: [Channel]) {
        logger.notice(
            "taking the channels of this node", metadata: ["channels": "\(all.map(\.name).joined(separator: ","))"])
        Task {
            do {
                try await WorkQueue("receiver.channels").run { try store.name(all) }
                admission.channels.advance()
            } catch {
                logger.error("the names of channels could not be kept", metadata: ["because": "\(error)"])
            }
        }
    }

    var controller: Controller {
        Controller(store: store, intake: sideIntake, queue: WorkQueue("receiver.controls"), logger: logger)
    }

    var housekeeper: Housekeeper {
        Housekeeper(
            store: store, retention: retention, clocks: admission.clocks, queue: WorkQueue("receiver.house"),
            counters: counters, logger: logger, clock: clock)
    }

    var earlyTaker: EarlyTaker {
        EarlyTaker(
            store: store, intake: sideIntake, board: board, queue: WorkQueue("receiver.early"), counters: counters,
            logger: logger, clock: clock)
    }

    func replicator(_ client: BusClient, as receiver: ReceiverID) -> Replicator {
        Replicator(
            client: client, intake: sideIntake, store: store, receiver: receiver, counters: counters, logger: logger)
    }

    private var sideIntake: SideIntake {
        SideIntake(
            store: store, admission: admission, queue: WorkQueue("receiver.intake"), clock: clock, announce: announce)
    }
}
