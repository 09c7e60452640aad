/// An error that ends a command: one sentence for a person, and the exit status.
package struct FailureReport: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line without a trailing period or newline; it names the file, address or setting at fault.
    package let message: String
    package let status: ExitStatus

    package init(_ message: String, status: ExitStatus = .failed) {
        self.message = message
        self.status = status
    }

    /// The report for an error from somewhere else: itself if it is one already, else its description.
    package init(describing error: any Error) {
        self = error as? FailureReport ?? FailureReport(String(describing: error))
    }

    package var description: String { message }
}
