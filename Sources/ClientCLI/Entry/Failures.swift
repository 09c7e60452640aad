import Bus
import BusClient
import Messages
import ServiceRuntime

/// Which exit status an error has.
enum Failures {
    static func report(_ error: any Error) -> FailureReport {
        switch error {
        case let error as MessageError: FailureReport(error.message, status: .refused)
        case let error as KeyError:
            FailureReport(error.message, status: error.code == .nameMalformed ? .usage : .failed)
        case let error as BusError: report(error)
        default: FailureReport(describing: error)
        }
    }

    /// For the commands that ask.
    static func report(_ error: BusError) -> FailureReport { FailureReport(SafeText.line(error.message)) }

    /// For `send`: where nobody answered in time, nothing is acknowledged in time; where the other side said no, the
    /// message is refused, unless it only had no room.
    static func sendReport(_ error: BusError) -> FailureReport {
        let status: ExitStatus =
            switch error.code {
            case .noRouter, .timedOut: .notAcknowledged
            case .refused: error.refusal?.code == Failures.busy ? .failed : .refused
            default: .failed
            }
        return FailureReport(SafeText.line(error.message), status: status)
    }

    /// Of an answer to a question or a control: a full disk is no refusal.
    static func status(of refusal: Refusal) -> ExitStatus {
        let isTrouble = refusal.code == busy || refusal.code == "backup_failed" || refusal.code.hasPrefix("store_")
        return isTrouble ? .failed : .refused
    }

    /// The code of a refusal that is not about the message.
    private static let busy = "busy"
}
