import Dispatch
import Glibc
import Logging
import ServiceRuntime

/// Starts the processes of a node, starts them again when they end, and stops them all.
///
/// One loop takes one event after the other and owns all state; whatever happens elsewhere only adds an event.
struct NodeSupervisor: Sendable {
    enum Event: Sendable {
        /// A child has ended, and all that it said was shown.
        case ended(Int)
        case restart(Int)
        case ready
        case stop
        /// The receivers and the renderer had their time.
        case stopRouter
        case killAll
    }

    private let children: [ChildPlan]
    private let paths: [String]
    private let environment: [String: String]
    private let outputs: [ChildOutput]
    private let table = ProcessTable()
    private let timers = DispatchQueue(label: "p2pmsg.children")
    private let parentPipe: PipePair
    private let events: AsyncStream<Event>
    private let post: AsyncStream<Event>.Continuation

    /// - Throws: a report when a program is missing.
    init(plan: NodePlan, programs: Programs, environment: [String: String]) throws(FailureReport) {
        children = plan.children
        var paths: [String] = []
        for child in children { paths.append(try programs.path(of: child.program)) }
        self.paths = paths
        self.environment = plan.environment(from: environment)
        outputs = children.map { ChildOutput(label: $0.label, format: plan.logFormat) }
        parentPipe = try PipePair()
        // Every event is one of a few per child; the loop is far faster than processes start and end.
        (events, post) = AsyncStream.makeStream(of: Event.self)
    }

    /// Asks all children to end; ``run()`` returns when they have.
    func stop() { post.yield(.stop) }

    /// Says that the page answers: the children work.
    func markReady() { post.yield(.ready) }

    /// For the moment before a forced end.
    func killAll() { table.killAll() }

    /// - Returns: when everything has ended after ``stop()``.
    /// - Throws: a report when a child cannot work; the others have ended then too.
    func run() async throws {
        OpenFiles.keepFromChildren()
        var state = State(count: children.count)
        for child in children.indices { try start(child, &state) }
        for await event in events {
            handle(event, &state)
            if state.isStopping, table.isEmpty { break }
        }
        close(parentPipe.write)
        close(parentPipe.read)
        if let failure = state.failure { throw failure }
    }

    private struct State {
        var policies: [RestartPolicy]
        var isStopping = false
        var failure: FailureReport?
        let start = ContinuousClock.now

        init(count: Int) { policies = [RestartPolicy](repeating: RestartPolicy(), count: count) }

        var now: Duration { start.duration(to: .now) }
    }

    private func handle(_ event: Event, _ state: inout State) {
        switch event {
        case .ended(let child):
            if let ending = table.reap(child) { took(child, ending, &state) }
            if state.isStopping { stopRouterWhenLast() }
        case .restart(let child):
            guard !state.isStopping, !table.isRunning(child) else { return }
            do throws(FailureReport) { try start(child, &state) } catch { fail(error, &state) }
        case .ready:
            for child in children.indices where table.isRunning(child) { state.policies[child].worked() }
        case .stop: beginStop(&state)
        case .stopRouter: signal(SIGTERM, .router)
        case .killAll:
            for child in children.indices where table.isRunning(child) {
                say("\(children[child].label) did not stop in time and is killed", .error)
            }
            table.killAll()
        }
    }

    // MARK: starting

    private func start(_ child: Int, _ state: inout State) throws(FailureReport) {
        let pipe = try PipePair()
        defer { close(pipe.write) }
        state.policies[child].started(at: state.now)
        let pid: pid_t
        do throws(FailureReport) {
            pid = try table.start(
                child, path: paths[child], arguments: children[child].arguments, environment: environment,
                input: parentPipe.read, output: pipe.write)
        } catch {
            close(pipe.read)
            throw error
        }
        // Services start no processes: the pipe ends with them.
        outputs[child].follow(pipe.read) {
            ProcessTable.awaitEnd(of: pid)
            post.yield(.ended(child))
        }
    }

    private func took(_ child: Int, _ ending: RestartPolicy.Ending, _ state: inout State) {
        guard !state.isStopping else { return outputs[child].release() }
        let plan = children[child]
        let decision = state.policies[child].ended(ending, at: state.now)
        // Of a child that never worked the last try says why, once.
        if state.policies[child].hasWorked { outputs[child].release() } else { outputs[child].drop() }
        switch decision {
        case .restart(let pause):
            let when = pause == .zero ? "at once" : "in \(DurationText.describe(pause))"
            say("\(plan.label) \(ending.text); starting it again \(when)", .warning)
            post(.restart(child), after: pause)
        case .giveUp:
            let reason = outputs[child].reason
            let said = reason.isEmpty ? "it \(ending.text)" : reason
            fail(FailureReport("\(plan.label) cannot start: \(said)"), &state)
        }
    }

    // MARK: stopping

    private func fail(_ report: FailureReport, _ state: inout State) {
        if state.failure == nil { state.failure = report }
        beginStop(&state)
    }

    /// The router goes last: receivers and renderer end in order with it.
    private func beginStop(_ state: inout State) {
        guard !state.isStopping else { return }
        state.isStopping = true
        signal(SIGTERM, .receiver)
        signal(SIGTERM, .renderer)
        post(.stopRouter, after: Limits.orderlyStop)
        post(.killAll, after: Limits.childStop)
        stopRouterWhenLast()
    }

    private func stopRouterWhenLast() {
        guard children.indices.allSatisfy({ children[$0].role == .router || !table.isRunning($0) }) else { return }
        signal(SIGTERM, .router)
    }

    private func say(_ text: String, _ level: Logger.Level) { Log.say(text, command: "p2pmsg", level: level) }

    private func signal(_ number: Int32, _ role: ChildPlan.Role) {
        for child in children.indices where children[child].role == role { table.signal(number, child) }
    }

    private func post(_ event: Event, after pause: Duration) {
        timers.asyncAfter(deadline: .now() + .milliseconds(Int(pause.inMilliseconds))) { post.yield(event) }
    }
}

extension RestartPolicy.Ending {
    var text: String {
        switch self {
        case .status(let status): "ended with exit status \(status)"
        case .signal(let number): "was ended by signal \(number)"
        }
    }
}
