import Messages
import ServiceRuntime

/// Sends one message for each line: many under way, printed in the order of the lines, in constant memory.
struct LineSender: Sendable {
    typealias Publish = @Sendable (SignedMessage) async -> Outcome
    typealias Print = @Sendable (_ line: Int, Outcome) -> Bool
    typealias Outcome = Result<SentMessage, SendFailure>

    let composer: Composer
    /// The next chunk of the stream; empty at its end.
    let read: @Sendable () async throws(FailureReport) -> [UInt8]
    let publish: Publish
    /// Prints one outcome; false when the reader of the output is gone.
    let print: Print
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    private enum Event: Sendable {
        case read(Result<[UInt8], FailureReport>)
        case finished(index: Int, Outcome)
    }

    /// - Returns: the worst status of all lines.
    func run() async -> ExitStatus {
        await withTaskGroup(of: Event.self) { group in
            var progress = Progress()
            group.addTask { .read(await chunk()) }
            while let event = await group.next() {
                switch event {
                case .read(.success(let bytes)): progress.take(bytes)
                case .read(.failure(let report)):
                    progress.fail(report)
                    _ = print(progress.nextIndex + 1, .failure(SendFailure(report)))
                case .finished(let index, let result): progress.results[index] = result
                }
                if !printFinished(&progress) {
                    group.cancelAll()
                    return progress.worst
                }
                start(&progress, in: &group)
            }
            return progress.worst
        }
    }

    private struct Progress {
        var splitter = LineSplitter(limit: Limits.textBytes)
        /// Lines that are read and not yet sent: at most those of one chunk.
        var waiting: ArraySlice<LineSplitter.Line> = []
        var results: [Int: Outcome] = [:]
        var nextIndex = 0
        var nextToPrint = 0
        var isReading = true
        var isAtEnd = false
        var worst = ExitStatus.done

        mutating func take(_ bytes: [UInt8]) {
            isReading = false
            if isAtEnd { return }
            if bytes.isEmpty {
                isAtEnd = true
                if let last = splitter.finish() { waiting = [last] }
            } else {
                waiting = splitter.feed(bytes)[...]
            }
        }

        /// What is under way still ends; nothing more is begun.
        mutating func stop() {
            waiting = []
            isAtEnd = true
        }

        mutating func fail(_ report: FailureReport) {
            isReading = false
            stop()
            worst = max(worst, report.status)
        }
    }

    private func printFinished(_ progress: inout Progress) -> Bool {
        while let result = progress.results.removeValue(forKey: progress.nextToPrint) {
            progress.nextToPrint += 1
            switch result {
            case .success(let sent): if !sent.isComplete { progress.worst = max(progress.worst, .notAcknowledged) }
            case .failure(let failure):
                progress.worst = max(progress.worst, failure.report.status)
                if failure.endsAll { progress.stop() }
            }
            guard print(progress.nextToPrint, result) else { return false }
        }
        return true
    }

    private func start(_ progress: inout Progress, in group: inout TaskGroup<Event>) {
        while progress.nextIndex - progress.nextToPrint < Limits.sendsInFlight, let line = progress.waiting.popFirst() {
            let index = progress.nextIndex
            progress.nextIndex += 1
            group.addTask { .finished(index: index, await send(line)) }
        }
        if progress.waiting.isEmpty, !progress.isReading, !progress.isAtEnd {
            progress.isReading = true
            group.addTask { .read(await chunk()) }
        }
    }

    private func chunk() async -> Result<[UInt8], FailureReport> {
        do throws(FailureReport) { return .success(try await read()) } catch { return .failure(error) }
    }

    private func send(_ line: LineSplitter.Line) async -> Outcome {
        do throws(FailureReport) {
            return await publish(try composer.message(of: line, at: now()))
        } catch {
            return .failure(SendFailure(error))
        }
    }
}

/// Why one message was not sent.
struct SendFailure: Error {
    let report: FailureReport
    /// There is no router: every further message would wait for the whole timeout and fail too.
    let endsAll: Bool

    init(_ report: FailureReport, endsAll: Bool = false) {
        self.report = report
        self.endsAll = endsAll
    }
}
