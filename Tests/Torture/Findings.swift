import ArgumentParser

/// What a scenario measured, each figure beside its goal.
struct Findings {
    private var missed = 0
    private let scenario: String

    init(_ scenario: String) {
        self.scenario = scenario
    }

    /// Prints a figure.
    ///
    /// - Parameters:
    ///   - value: with its unit.
    ///   - goal: what the value should be.
    ///   - holds: whether it is.
    mutating func record(_ what: String, _ value: String, goal: String, holds: Bool) {
        if !holds { missed += 1 }
        print("\(holds ? "ok    " : "FAILED") \(padded(what, 44)) \(padded(value, 18)) goal: \(goal)")
    }

    /// Prints a figure that has no goal.
    func mention(_ what: String, _ value: String) { print("       \(padded(what, 44)) \(value)") }

    /// Something that must not be.
    mutating func fail(_ text: String) {
        missed += 1
        print("FAILED \(text)")
    }

    /// - Throws: the exit status 1 when a goal was missed.
    func conclude() throws {
        guard missed == 0 else {
            print("\(scenario): \(missed) of its goals missed")
            throw ExitCode.failure
        }
        print("\(scenario): all goals reached")
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
