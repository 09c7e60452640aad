/// What the fuzzer can be let loose on. Each takes any bytes and checks what the code under test made of them against
/// a model that is simpler than the code.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// One datagram through the telex codec.
    case telex
    /// A little program of datagrams, time and orders against one switch.
    case `switch`
    /// The readers of signed messages: JSON and binary.
    case messages
    /// The frames that the processes exchange.
    case bus

    /// Runs one input.
    ///
    /// - Parameter timer: times each call into the code under test.
    /// - Throws: what the model does not agree with.
    package func run(_ input: UnsafeBufferPointer<UInt8>, timing timer: inout CallTimer) throws(Finding) {
        switch self {
        case .telex: try TelexTarget.run(input, timing: &timer)
        case .switch: try SwitchTarget.run(input, timing: &timer)
        case .messages: try MessagesTarget.run(input, timing: &timer)
        case .bus: try BusTarget.run(input, timing: &timer)
        }
    }

    /// As above, for bytes in an array.
    package func run(_ input: [UInt8], timing timer: inout CallTimer) throws(Finding) {
        try input.withUnsafeBufferPointer { (buffer) throws(Finding) in try run(buffer, timing: &timer) }
    }
}

/// The code under test did what the model says it never does.
package struct Finding: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws a finding unless `condition` holds.
func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Finding) {
    guard condition else { throw Finding(otherwise()) }
}
