import TelehashWire

// Switches that leave our questions unanswered are called: others who know them ask them to greet us (`+pop`), and the
// greeting is answered with the question. That costs no dial, of which an address may only be sent so many (T12).
extension Lookup {
    func canCall(_ candidate: Candidate) -> Bool {
        candidate.mayBeCalled && asked < limits.routing.lookupQuestions
            && (candidate.isCalled || called < limits.routing.callsPerLookup)
    }

    /// The switches that may know a candidate, because they are as near to the target: they answered.
    var witnesses: [Endpoint] {
        candidates.lazy.filter { $0.state == .answered }.prefix(limits.routing.callsPerSwitch).map(\.endpoint)
    }

    /// A switch greets us. Returns whether it was called and its answer is awaited: it is there.
    mutating func didGreet(_ endpoint: Endpoint) -> Bool {
        guard let index = candidates.firstIndex(where: { $0.endpoint == endpoint }), candidates[index].isCalled,
            candidates[index].state != .answered
        else { return false }
        candidates[index].wasGreeted = true
        return true
    }

    /// A call takes a round trip of its own before the question's.
    func patience(with candidate: Candidate, _ patience: Duration) -> Duration {
        candidate.isCalled ? patience * 3 : patience
    }
}
