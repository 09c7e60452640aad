import Bus
import BusSecurity
import ZeroMQ

/// Where a receiver binds: two sockets beside the router's, named after the receiver, so that any number of receivers
/// needs no setting; or, on the network, two ports of an address of its host.
struct Endpoints: Hashable, Sendable {
    static let queryExtension = "query"
    static let feedExtension = "feed"

    /// nil on the network.
    let directory: String?
    let query: String
    let feed: String

    /// - Parameter bus: the router's address, `ipc://` and an absolute path.
    /// - Throws: `pathTooLong`, which names the path and the limit, and whatever else is wrong with the address.
    init(bus: String, receiver: ReceiverID) throws(ZeroMQError) {
        try IPC.validate(bus)
        let path = IPC.path(of: bus) ?? ""
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        self.directory = directory
        let name = "ipc://\(directory)/\(receiver.id.short)."
        query = name + Self.queryExtension
        feed = name + Self.feedExtension
        try IPC.validate(query)
        try IPC.validate(feed)
    }

    init(_ address: ReceiverAddress) {
        directory = nil
        query = address.queryEndpoint
        feed = address.feedEndpoint
    }

    /// The files that binding makes, the lock files among them.
    var files: [String] {
        [query, feed].compactMap { IPC.path(of: $0) }.flatMap { [$0, $0 + SocketFiles.lockSuffix] }
    }
}
