import Messages
import ServiceRuntime

/// Sends one message for each line: many under way, printed in the order of the lines, in constant memory.
struct LineSender: Sendable {
    typealias Publish = @Sendable (SignedMessage) async -> Outcome
    typealias Print = @Sendable (_ line: Int, Outcome) -> Void
    typealias Outcome = Result<SentMessage, SendFailure>

    let composer: Composer
    /// The next chunk of the stream; empty at its end.
    let read: @Sendable () async throws(FailureReport) -> [UInt8]
    let publish: Publish
    /// Prints one outcome. Whether anybody reads it is none of the sender's business.
    let print: Print
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    private enum Event: Sendable {
        case read(Result<[UInt8], FailureReport>)
        case finished(line: Int, Outcome)
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
                    print(progress.lines + 1, .failure(SendFailure(report)))
                    progress.fail(report)
                case .finished(let line, let outcome): progress.outcomes[line] = outcome
                }
                printFinished(&progress)
                start(&progress, in: &group)
            }
            if let line = progress.firstUnsent {
                print(line, .failure(SendFailure(FailureReport("nothing from here on was sent"))))
            }
            return progress.worst
        }
    }

    private struct Progress {
        private var reader = TextReader(limit: Limits.textBytes)
        private(set) var lines = 0
        /// Lines that are read and not yet sent: at most those of one chunk.
        var waiting: ArraySlice<(number: Int, line: LineSplitter.Line)> = []
        /// The numbers of the lines that were begun and are not yet printed, in their order.
        var underWay: ArraySlice<Int> = []
        /// What became of those of them that are finished.
        var outcomes: [Int: Outcome] = [:]
        var isReading = true
        var isAtEnd = false
        var worst = ExitStatus.done
        private var lastTime: Int64 = 0
        /// The number of the first line that was not begun, where that was the end before the end.
        var firstUnsent: Int?

        mutating func take(_ bytes: [UInt8]) {
            isReading = false
            if isAtEnd { return }
            isAtEnd = bytes.isEmpty
            for line in isAtEnd ? reader.finish() : reader.feed(bytes) {
                lines += 1
                // Blank lines are between messages; no message is made of blanks.
                if !line.isBlank { waiting.append((lines, line)) }
            }
        }

        /// The time of the next message, milliseconds since 1970. No two are the same: a wall has messages of one time in
        /// the order of their ids, which would shuffle the lines.
        mutating func time(now: Int64) -> Int64 {
            lastTime = max(now, min(lastTime + 1, now + Limits.linesAheadMilliseconds))
            return lastTime
        }

        /// What is under way still ends; nothing more is begun.
        mutating func stop() {
            guard firstUnsent == nil, !(isAtEnd && waiting.isEmpty) else { return }
            firstUnsent = waiting.first?.number ?? lines + 1
            waiting = []
            isAtEnd = true
        }

        mutating func fail(_ report: FailureReport) {
            isReading = false
            worst = max(worst, report.status)
            stop()
        }
    }

    private func printFinished(_ progress: inout Progress) {
        while let line = progress.underWay.first, let outcome = progress.outcomes.removeValue(forKey: line) {
            progress.underWay.removeFirst()
            switch outcome {
            case .success(let sent):
                if !sent.receipt.complete { progress.worst = max(progress.worst, .notAcknowledged) }
            case .failure(let failure):
                progress.worst = max(progress.worst, failure.report.status)
                if failure.endsAll { progress.stop() }
            }
            print(line, outcome)
        }
    }

    private func start(_ progress: inout Progress, in group: inout TaskGroup<Event>) {
        while progress.underWay.count < Limits.sendsInFlight, let (number, line) = progress.waiting.popFirst() {
            progress.underWay.append(number)
            let time = progress.time(now: now())
            group.addTask { .finished(line: number, await send(line, at: time)) }
        }
        if progress.waiting.isEmpty, !progress.isReading, !progress.isAtEnd {
            progress.isReading = true
            group.addTask { .read(await chunk()) }
        }
    }

    private func chunk() async -> Result<[UInt8], FailureReport> {
        do throws(FailureReport) { return .success(try await read()) } catch { return .failure(error) }
    }

    private func send(_ line: LineSplitter.Line, at time: Int64) async -> Outcome {
        do throws(FailureReport) {
            return await publish(try composer.message(of: line, at: time))
        } catch {
            return .failure(SendFailure(error))
        }
    }
}

struct SendFailure: Error {
    let report: FailureReport
    /// There is no router: every further message would wait for the whole timeout and fail too.
    let endsAll: Bool

    init(_ report: FailureReport, endsAll: Bool = false) {
        self.report = report
        self.endsAll = endsAll
    }
}
