import BusSecurity
import Messages
import ReceiverStore
import ServiceRuntime

/// What a receiver runs with, checked as far as that goes without touching the system.
struct ReceiverConfiguration: Sendable {
    /// The router's address.
    let bus: String
    /// Keys and address over `tcp://`; nil over `ipc://`.
    let network: ReceiverNetwork?
    /// Who comes in over `ipc://` beside this user; nil: nobody.
    var members: BusMembers?
    /// Where its sockets are over `ipc://`; nil: beside the router's.
    var directory: String?
    let store: any StoreLocation
    /// The channels that are kept; at least one.
    let channels: [Channel]
    /// Whether 2011 messages are refused.
    let refuses2011: Bool
    /// Whose messages are taken.
    let policy: Policy
    /// How many.
    let rates: Rates
    /// How long messages are kept.
    let retention: Retention
    /// Where health and metrics are served.
    let ops: ListenAddress?

    /// Makes the directory of its sockets.
    func prepare(_ paths: Paths) throws(FailureReport) {
        try paths.prepare(bus: directory.map { "ipc://\($0)/socket" } ?? bus, group: members?.group)
    }
}

/// What a receiver needs beside a store when the bus is on the network.
struct ReceiverNetwork: Sendable {
    /// For its way to the router, and to the receivers of other stores.
    let keys: BusKeys
    /// For those who come to it.
    var entry: BusGuard
    /// Where they come.
    let address: ReceiverAddress

    /// nil over `ipc://`.
    ///
    /// - Throws: ``FailureReport`` that names the setting.
    init?(_ settings: BusSettings) throws(FailureReport) {
        let address = try settings.listenAddress()
        let keys = try settings.clientKeys()
        // Says what is superfluous, where there is no address.
        let entry = try settings.serverKeys()
        guard let address, let keys, let entry else { return nil }
        self.address = address
        self.keys = keys
        self.entry = entry
    }
}
