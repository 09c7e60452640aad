/// One event while it is handled: when it is, what is to be done about it, and where random numbers come from.
struct Event<Random: RandomNumberGenerator> {
    let now: Instant
    var effects: [Effect] = []
    var random: Random
}
