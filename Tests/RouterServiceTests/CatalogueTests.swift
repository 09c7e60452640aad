import ServiceRuntime
import Telehash
import TestSupport
import Testing

@testable import ClientCLI
@testable import RouterService
@testable import ServiceRuntime

@Suite("The router's numbers") struct CatalogueTests {
    private var status: SwitchStatus {
        var random = SystemRandomNumberGenerator()
        return Switch(.init(), now: .zero, using: &random).status(now: .zero)
    }

    @Test func everyCounterOfTheSwitch_isExplained() {
        for name in status.counters.keys.sorted() {
            let help = MetricCatalogue.router.place(of: name).family.help
            #expect(!help.hasPrefix("What the service counts"), "\(name) has no place in MetricCatalogue+Router.swift")
        }
    }

    @Test func everyCounterOfTheBus_isExplained() {
        for name in HubCounters().named.keys.sorted() {
            let help = MetricCatalogue.router.place(of: name).family.help
            #expect(!help.hasPrefix("What the service counts"), "\(name) has no place in MetricCatalogue+Router.swift")
        }
    }

    @Test func everyDrop_hasWordsForPeople() {
        #expect(DropNames.all.subtracting(DropWords.known).isEmpty, "add them to DropWords.swift")
        #expect(DropWords.known.subtracting(DropNames.all).isEmpty, "nobody counts these")
    }

    @Test func everyDrop_isCounted() {
        let counted = Set(status.counters.keys).union(HubCounters().named.keys)
        let elsewhere = Set(["udp_socket_errors", "udp_receive_drops", "connections_refused"])
            .union(SendFailures().byName.keys)
        let missing = DropNames.all.subtracting(counted).subtracting(elsewhere).subtracting(DropNames.connections.keys)
        #expect(missing.isEmpty)
    }
}
