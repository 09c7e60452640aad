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
        for name in Tally<HubEvent>().byName.keys.sorted() {
            let help = MetricCatalogue.router.place(of: name).family.help
            #expect(!help.hasPrefix("What the service counts"), "\(name) has no place in MetricCatalogue+Router.swift")
        }
    }

    @Test func everyDrop_hasWordsForPeople() {
        #expect(MetricCatalogue.drops.subtracting(DropWords.known).isEmpty, "add them to DropWords.swift")
        #expect(DropWords.known.subtracting(MetricCatalogue.drops).isEmpty, "nobody counts these")
    }

    @Test func everyDrop_isCounted() {
        let counted = Set(status.counters.keys).union(Tally<HubEvent>().byName.keys)
        let elsewhere = Set(["udp_socket_errors", "udp_receive_drops", "connections_refused"])
            .union(["bus_handshakes_failed", "bus_keys_refused", "bus_accepts_failed"])
            .union(Tally<UnsentReason>().byName.keys)
        let missing = MetricCatalogue.drops.subtracting(counted).subtracting(elsewhere)
        #expect(missing.isEmpty)
    }
}
