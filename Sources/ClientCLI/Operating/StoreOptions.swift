import ArgumentParser
import Bus
import BusClient
import ServiceRuntime

/// For the commands that change stores: all of the node's, or one.
struct StoreOptions: ParsableArguments {
    static let settings: [Setting] = BusOptions.settings + [.storeID, .timeout, .json]

    @Option(name: .customLong("store-id"), help: ArgumentHelp(Setting.storeID.help, valueName: "id"))
    var store: StoreID?

    @Option(help: ArgumentHelp(Setting.timeout.help, valueName: "duration"))
    var timeout = DurationArgument(seconds: 30)

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var bus: BusOptions

    /// Connects, runs the body with the stores that are meant, and closes, whatever happens.
    ///
    /// - Throws: a report when there is no store, or not the named one.
    func run(_ name: String, _ body: (BusClient, [StoreID]) async throws -> Void) async throws {
        let client = try bus.client(name: "p2pmsg " + name, timeout: timeout.duration)
        do {
            try await body(client, try await stores(of: client))
        } catch {
            await client.close()
            throw error
        }
        await client.close()
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

extension StoreID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument.lowercased()) }
}

extension Answers {
    /// - Throws: a report of status `refused` when the receiver would not do it, `failed` when it could not.
    static func done(_ answer: Answer) throws(FailureReport) -> UInt64 {
        switch answer.body {
        case .done(let count): return count
        case .refused(let refusal):
            throw FailureReport(
                "the store \(answer.store): \(SafeText.line(refusal.text))", status: Failures.status(of: refusal))
        default: throw FailureReport("the receiver answered another question")
        }
    }
}
