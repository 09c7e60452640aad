import Telehash
import TelehashWire

extension MeshExperiment {
    /// Earlier switches that a newcomer knows.
    private static let seedsKnown = 3

    /// Plans all joins, so that a switch meets as many newcomers at the end as at the start. Returns how long they take.
    mutating func planGrowth() -> Duration {
        agenda.plan(.join, at: mesh.now)
        var generation = 0
        var joined = 1
        while joined < parameters.honest {
            let newcomers = joined
            for newcomer in 0..<min(newcomers, parameters.honest - joined) {
                let share = Double(generation) + Double(newcomer) / Double(newcomers)
                agenda.plan(.join, at: mesh.now + parameters.doubling * share)
            }
            joined *= 2
            generation += 1
        }
        return parameters.doubling * generation + .seconds(1)
    }

    /// Somebody joins. Returns its number.
    @discardableResult
    mutating func join() -> Int {
        var seeds: [Int] = []
        for _ in 0..<MeshExperiment.seedsKnown {
            if let seed = randomLiving(), !seeds.contains(seed) { seeds.append(seed) }
        }
        let number = mesh.addNode(seeds: seeds, limits: parameters.limits)
        placeInLiving[number] = living.count
        living.append(number)
        census.add(mesh.endpoint(of: number), now: mesh.now)
        return number
    }

    /// A switch that is up.
    package mutating func randomLiving() -> Int? { living.randomElement(using: &random) }

    /// Ends a switch without notice.
    mutating func bury(_ number: Int) {
        mesh.kill(number)
        census.remove(mesh.endpoint(of: number), now: mesh.now)
        guard let place = placeInLiving.removeValue(forKey: number), let last = living.popLast() else { return }
        if last != number {
            living[place] = last
            placeInLiving[last] = place
        }
    }

    /// Somebody leaves without notice, and a newcomer comes elsewhere and does what it did.
    mutating func replace(_ number: Int) {
        guard mesh.isUp(number) else { return }
        bury(number)
        let newcomer = join()
        channel.replace(number, by: newcomer, now: mesh.now)
        if channel.subscribers[newcomer] != nil { mesh.tap([Channel.end], at: newcomer) }
        planLeave(of: newcomer, after: random.nextSession(median: parameters.churnMedian))
    }

    /// From now on switches leave and others come. Those that are here have been for long.
    mutating func startChurn() {
        guard parameters.churnMedian > .zero else { return }
        for number in living {
            planLeave(of: number, after: random.nextRemainingSession(median: parameters.churnMedian))
        }
    }

    private mutating func planLeave(of number: Int, after session: Duration) {
        agenda.plan(.leave(number), at: mesh.now + session)
    }

    /// The share of the switches that die at once.
    mutating func killSome() {
        let count = min(living.count, Int((parameters.dead * Double(living.count)).rounded()))
        for _ in 0..<count {
            if let victim = randomLiving() { bury(victim) }
        }
    }

    /// The attackers come when all others are there: they know everybody.
    mutating func addAttackers() {
        let count = parameters.nodes - parameters.honest
        if count > 0 { addColluders(at: mesh.freshEndpoints(count)) }
        guard parameters.sybils > 0 else { return }
        let tries = MeshExperiment.sybilTries * parameters.nodes
        addColluders(at: mesh.sybilEndpoints(nearest: Channel.end, count: parameters.sybils, tries: tries))
    }

    /// Addresses that sybils try for each honest switch: enough that the twenty best of them are the nearest by far.
    private static let sybilTries = 50

    private mutating func addColluders(at endpoints: [Endpoint]) {
        mesh.addColluders(at: endpoints)
        attackers.formUnion(endpoints)
    }
}
