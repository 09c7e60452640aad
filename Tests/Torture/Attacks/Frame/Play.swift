import TestSupport

/// Attacks on a field, everybody else meanwhile, and the verdict.
struct Play: Sendable {
    let field: Field
    let attacks: [any Attack.Type]
    let length: Duration
    /// Milliseconds.
    let pageLimit: Double

    func run(into findings: inout Findings) async throws {
        var strikes: [Strike] = []
        for (number, attack) in attacks.enumerated() {
            strikes.append(try await attack.prepare(on: field.ground(of: number)))
        }
        let bystanders = try await Bystanders(on: field, for: length)
        let watch = ResourceWatch(of: field)
        let end = ContinuousClock.now + length
        async let toll = bystanders.live(until: end)
        let results = await withTaskGroup(of: (Int, [Check]).self) { group in
            for (number, strike) in strikes.enumerated() {
                group.addTask { (number, await Self.checks(of: attacks[number], strike, until: end)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (number, attack) in attacks.enumerated() {
            for check in results[number] ?? [] { findings.record(check, of: attacks.count > 1 ? attack.name : nil) }
        }
        for check in await toll.checks(pageLimit: pageLimit) + watch.end() { findings.record(check, of: nil) }
    }

    private static func checks(
        of attack: any Attack.Type, _ strike: Strike, until end: ContinuousClock.Instant
    ) async -> [Check] {
        do {
            return try await strike(end)
        } catch {
            return [Check(attack.name, "\(error)", goal: "can be played", holds: false)]
        }
    }
}

extension Findings {
    mutating func record(_ check: Check, of name: String?) {
        let what = (name.map { $0 + ": " } ?? "") + check.what
        guard let goal = check.goal else { return mention(what, check.value) }
        record(what, check.value, goal: goal, holds: check.holds)
    }
}
