/// Why something was refused or did not work.
package struct CodedError<Kind: Hashable & Sendable>: Error, Hashable, Sendable, CustomStringConvertible {
    package typealias Code = Kind

    /// A stable name for programs.
    package let code: Code
    /// A sentence for people, without a full stop.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
