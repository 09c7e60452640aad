/// The limits of this module: each has a unit and a reason.
enum Limits {
    /// Connections at the ops address at one time: a health checker and a scraper need one each.
    static let opsConnections: Int32 = 16
    /// Seconds an ops connection may stay silent: nobody may hold a place without using it.
    static let opsIdleSeconds: Int64 = 10
    /// Bytes of a request's body that are read and dropped before the connection is closed: nothing here takes one.
    static let opsBodyBytes = 4096

    /// Seconds in which a service's loop comes round, or it counts as stuck. A turn takes milliseconds; a store that
    /// waits for its disk does not hold the loop.
    static let healthSeconds: Int64 = 2

    /// Pings in the time in which the supervisor wants one: two may be late or lost.
    static let pingsPerWatchdog = 3
}
