import ArgumentParser
import Bus
import BusClient
import ServiceRuntime

/// For the commands that change stores: all of the node's, or one.
struct StoreOptions: ParsableArguments {
    static let settings: [Setting] = BusOptions.settings + [.storeID, .timeout, .json]

    @Option(
        name: .customLong("store-id"), help: .of(.storeID, "id"),
        transform: { try StoreID($0.lowercased()).orExpected("the whole id of a store, as p2pmsg status prints it") })
    var store: StoreID?

    @Option(help: .of(.timeout, "duration", "(default: 30s)"), transform: DurationText.parsePositive)
    var timeout = Duration.seconds(30)

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var bus: BusOptions

    /// Runs the body with the stores that are meant.
    ///
    /// - Throws: a report when there is no store, or not the named one.
    func run(_ command: String, _ body: (BusClient, [StoreID]) async throws -> Void) async throws {
        try await bus.withClient(of: command, timeout: timeout) { try await body($0, try await stores(of: $0)) }
    }

    private func stores(of client: BusClient) async throws -> [StoreID] {
        let present = try await client.stores().sorted { $0.description < $1.description }
        guard !present.isEmpty else { throw FailureReport("no store is here; start p2pmsg-receiver on this bus") }
        guard let store else { return present }
        guard present.contains(store) else {
            throw FailureReport(
                "the store \(store) is not here; these are: \(present.map(\.description).joined(separator: ", "))")
        }
        return [store]
    }
}
