import ArgumentParser
import Messages
import ServiceRuntime
import TestSupport
import Testing

@testable import ReceiverService

@Suite struct ReceiverOptionsTests {
    private let paths = Paths(environment: ["HOME": "/home/x", "XDG_RUNTIME_DIR": "/run/x"], userID: 1)

    private func configuration(_ arguments: [String]) throws -> ReceiverConfiguration {
        try ReceiverOptions.parse(arguments).configuration(paths: paths)
    }

    @Test func withoutFlags_theDefaultsHold() throws {
        let configuration = try configuration([])
        #expect(configuration.bus == "ipc:///run/x/p2pmsg/router.ipc")
        #expect(configuration.store.place == "/home/x/.local/share/p2pmsg/store.sqlite")
        #expect(configuration.channels == [.tweets])
        #expect(!configuration.refuses2011)
        #expect(configuration.retention.strangerBytes == 1_000_000_000)
        #expect(configuration.ops == nil)
    }

    @Test func flags_areTaken() throws {
        let configuration = try configuration([
            "--bus", "ipc:///b/router.ipc", "--store", "/s/x.sqlite", "--channel", "one", "--channel", "two",
            "--channel",
            "one", "--refuse-2011", "--ops", "127.0.0.1:9000",
        ])
        #expect(configuration.bus == "ipc:///b/router.ipc")
        #expect(configuration.store.place == "/s/x.sqlite")
        #expect(configuration.channels.map(\.name) == ["tweets", "one", "two"])
        #expect(configuration.refuses2011)
        #expect(configuration.ops == .ip(host: "127.0.0.1", port: 9_000))
    }

    @Test(arguments: [
        ([], false), (["--scheme-2011", "on"], false), (["--scheme-2011", "off"], true), (["--refuse-2011"], true),
        (["--scheme-2011", "on", "--refuse-2011"], true),
    ])
    func scheme2011_isTakenOrNot(arguments: [String], isRefused: Bool) throws {
        #expect(try configuration(arguments).refuses2011 == isRefused)
    }

    @Test(arguments: [("500MB", 500_000_000), ("none", nil)] as [(String, Int64?)])
    func roomForStrangers_isTaken(text: String, bytes: Int64?) throws {
        #expect(try configuration(["--keep-strangers", text]).retention.strangerBytes == bytes)
    }

    @Test func ratesOfStrangers_areThoseOfAllAndTheBurstOfOne() throws {
        #expect(try ReceiverOptions.parse([]).strangerRate.rate == Rate(perSecond: 200, burst: 20))
        #expect(
            try ReceiverOptions.parse(["--stranger-rate", "5/3"]).strangerRate.rate == Rate(perSecond: 5, burst: 3))
        #expect(try ReceiverOptions.parse(["--stranger-rate", "off"]).strangerRate.rate == nil)
    }

    @Test(arguments: [
        ["--scheme-2011", "maybe"], ["--keep-strangers", "90d"], ["--keep-strangers", "0"], ["--stranger-rate", "200"],
        ["--stranger-rate", "0/20"],
    ])
    func whatIsNoValue_isRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try ReceiverOptions.parse(arguments) }
    }

    @Test func aRelativeStore_isMadeAbsolute() throws {
        #expect(try configuration(["--store", "x.sqlite"]).store.place.hasPrefix("/"))
    }

    @Test(arguments: [
        ["--channel", "a/b"], ["--ops", "somewhere"], ["--store", ""], ["--store", "postgresql://h/n"],
    ])
    func whatIsWrong_isAUsageErrorThatNamesTheFlag(arguments: [String]) throws {
        let report = #expect(throws: FailureReport.self) { try configuration(arguments) }
        #expect(report?.status == .usage)
        #expect(report?.message.hasPrefix(arguments[0]) == true)
    }

    @Test func environmentAndFlag_reachTheParser() throws {
        let resolved = try ArgumentSources.resolve(
            arguments: ["--channel", "flag"],
            environment: ["P2PMSG_CHANNELS": "a,b", "P2PMSG_REFUSE_2011": "true", "P2PMSG_STORE": "/e.sqlite"],
            settings: ReceiverOptions.settings)
        let configuration = try configuration(resolved.arguments)
        #expect(configuration.channels.map(\.name) == ["tweets", "flag"])
        #expect(configuration.refuses2011)
        #expect(configuration.store.place == "/e.sqlite")
    }

    /// A unit names a directory for a bus on this machine. An operator with a bus on the network says so in the file.
    @Test func listenOfAUnit_givesWayToTheOperatorsFile() throws {
        func made(_ file: String) throws -> ReceiverConfiguration {
            let directory = try TemporaryDirectory()
            let resolved = try ArgumentSources.resolve(
                arguments: [],
                environment: [
                    "P2PMSG_CONFIG": try directory.write(file, to: "p2pmsg.conf"),
                    "P2PMSG_DEFAULT_LISTEN": "ipc:///run/p2pmsg-receiver",
                ], settings: ReceiverOptions.settings)
            return try configuration(resolved.arguments)
        }
        #expect(try made("udp = 0.0.0.0:1").directory == "/run/p2pmsg-receiver")
        let network = "bus = tcp://192.0.2.1:42425"
        let keyless = #expect(throws: FailureReport.self) { try made("\(network)\nlisten = 192.0.2.2:42426") }
        #expect(keyless?.message.contains("needs --router-key") == true)
        let homeless = #expect(throws: FailureReport.self) { try made(network) }
        #expect(homeless?.message.contains("needs --listen, the address of this host") == true)
    }

    /// What a person writes into by default says nothing of what a node takes.
    @Test func channelsOfTheEnvironment_haveAVariableOfTheirOwn() throws {
        let resolved = try ArgumentSources.resolve(
            arguments: [], environment: ["P2PMSG_CHANNEL": "garden", "P2PMSG_CHANNELS": "a, b"],
            settings: ReceiverOptions.settings)
        #expect(try configuration(resolved.arguments).channels.map(\.name) == ["tweets", "a", "b"])
        let other = try ArgumentSources.resolve(
            arguments: [], environment: ["P2PMSG_CHANNEL": "garden"], settings: ReceiverOptions.settings)
        #expect(try configuration(other.arguments).channels == [.tweets])
    }
}
