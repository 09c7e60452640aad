import Messages
import ServiceRuntime
import TestSupport
import Testing

@testable import ClientCLI

@Suite struct CommandLineTests {
    private func parse(_ arguments: [String], _ environment: [String: String] = [:]) throws -> CommandRunner.Parsed {
        try CommandRunner.parse(arguments, environment: environment)
    }

    private func command<Command>(
        _ type: Command.Type, _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> Command {
        guard case .command(let command) = try parse(arguments, environment) else {
            throw NotInTime("\(arguments) was not understood")
        }
        return try #require(command as? Command)
    }

    @Test(arguments: [
        ["nonsense"], ["send"], ["send", "--lines", "text"], ["send", "a", "b"], ["send", "a", "--acks", "-1"],
        ["send", "a", "--timeout", "soon"], ["send", "a", "--scheme", "rsa"], ["send", "a", "--channel", "a/b"],
        ["tail", "--count", "0"], ["tail", "--wait", "x"], ["list", "--limit", "0"], ["list", "--before", "yesterday"],
        ["list", "--author", ""], ["show"], ["show", "abc"], ["show", "3f2a9x"], ["key", "new"], ["key", "nonsense"],
        ["status", "x"],
        ["up", "--receivers", "0"], ["up", "--receivers", "65"], ["up", "--http", "8080"], ["up", "--udp", "42424"],
        ["up", "--udp", "unix:/s"], ["up", "--http", "[::1]:0"],
        ["up", "--ops", "unix:/s"], ["up", "--ops", "127.0.0.1:0"], ["up", "--ops", "127.0.0.1:65534"],
        ["up", "--ops", "127.0.0.1:8079"], ["up", "--ops", "9464"],
        ["search"], ["search", "?"], ["search", "--nonsense"], ["search", "x", "--limit", "0"], ["simulate", "x"],
        ["simulate", "--nodes", "0"], ["simulate", "--nodes=-5"],
        ["simulate", "--loss", "101"], ["simulate", "--loss=-1"], ["simulate", "--loss", "nan"],
        ["simulate", "--dead", "100.5"], ["simulate", "--churn=-1"], ["simulate", "--churn", "0.001"],
        ["simulate", "--minutes", "0"], ["simulate", "--minutes", "inf"], ["simulate", "--seed=-1"],
        ["simulate", "--nodes", "10", "--subscribers", "11"], ["simulate", "--nodes", "10", "--publishers", "11"],
        ["simulate", "--publishers=-1"], ["simulate", "--attackers", "100"],
        ["simulate", "--nodes", "10", "--attackers", "50", "--subscribers", "6"],
    ])
    func wrongCommandLine_isAUsageError(arguments: [String]) throws {
        guard case .answer(let explanation, _) = try parse(arguments) else {
            Issue.record("\(arguments) was understood")
            return
        }
        #expect(explanation.exitCode != 0)
        #expect(explanation.message.hasPrefix("Error: "))
    }

    @Test(arguments: ["#café", "cafe\u{301}", " café"])
    func channel_isTakenInWhateverSpelling(_ name: String) throws {
        #expect(try command(SendCommand.self, ["send", "a", "--channel", name]).channel == Channel("café"))
        #expect(try command(UpCommand.self, ["up", "--channel", name]).channels == [Channel("café")])
        let environment = ["P2PMSG_CHANNEL": name]
        #expect(try command(ListCommand.self, ["list"], environment).options.channel == Channel("café"))
    }

    @Test func channelThatCannotBe_isRefusedWithTheReason() throws {
        guard case .answer(let explanation, _) = try parse(["send", "a", "--channel", "tweets\u{200B}"]) else {
            Issue.record("it was understood")
            return
        }
        #expect(explanation.exitCode != 0)
        #expect(explanation.message.contains("cannot have the character U+200B there, which is not seen"))
    }

    @Test(arguments: [
        [], ["key"], ["--help"], ["help", "send"], ["send", "--help"], ["key", "new", "--help"], ["up", "-h"],
    ])
    func helpAsked_isAnsweredWithSuccess(arguments: [String]) throws {
        guard case .answer(let explanation, _) = try parse(arguments, ["P2PMSG_JSON": "broken"]) else {
            Issue.record("\(arguments) was not answered")
            return
        }
        #expect(explanation.exitCode == 0)
        #expect(explanation.message.contains("USAGE: p2pmsg"))
    }

    @Test func versionAsked_isAnsweredWithSuccess() throws {
        guard case .answer(let explanation, _) = try parse(["--version"]) else {
            Issue.record("not answered")
            return
        }
        #expect(explanation.exitCode == 0)
        #expect(explanation.message == Version.current)
    }

    @Test func variables_reachTheNamedSubcommandOnly() throws {
        let environment = ["P2PMSG_SCHEME": "2011", "P2PMSG_ACKS": "2", "P2PMSG_UDP": "nonsense", "P2PMSG_JSON": "1"]
        let new = try command(KeyCommand.New.self, ["key", "new", "bob"], environment)
        #expect(new.name == "bob")
        #expect(new.scheme == .legacy)
        #expect(new.options.json)
        let send = try command(SendCommand.self, ["send", "--acks", "3", "hello"], environment)
        #expect(send.acks == 3)
        #expect(send.text == "hello")
    }

    @Test func listOfAVariable_isReplacedByTheFlags() throws {
        let tail = try command(TailCommand.self, ["tail", "--channel", "c"], ["P2PMSG_CHANNEL": "a,b"])
        #expect(tail.channels.map(\.name) == ["c"])
        let other = try command(TailCommand.self, ["tail"], ["P2PMSG_CHANNEL": "a,b"])
        #expect(other.channels.map(\.name) == ["a", "b"])
    }

    @Test func channelToWriteIn_doesNotChangeWhatANodeTakes() throws {
        let environment = ["P2PMSG_CHANNEL": "garden", "P2PMSG_CHANNELS": "a,b"]
        #expect(try command(SendCommand.self, ["send", "x"], environment).channel.name == "garden")
        #expect(try command(UpCommand.self, ["up"], environment).channels.map(\.name) == ["a", "b"])
        #expect(try command(UpCommand.self, ["up"], ["P2PMSG_CHANNEL": "garden"]).channels.isEmpty)
    }

    @Test func wrongVariable_isNamedInTheMessage() throws {
        guard case .answer(let explanation, let origins) = try parse(["send", "x"], ["P2PMSG_TIMEOUT": "soon"]) else {
            Issue.record("understood")
            return
        }
        #expect(origins.annotated(explanation.message).hasSuffix("(--timeout is set by P2PMSG_TIMEOUT)"))
    }

    @Test func busNotGiven_isTheStandardOne() throws {
        let status = try command(StatusCommand.self, ["status"])
        #expect(status.node.bus.endpoint == Paths().defaultBus)
        let other = try command(StatusCommand.self, ["status", "--bus", "ipc:///x"])
        #expect(other.node.bus.endpoint == "ipc:///x")
    }

    @Test func argumentsThatAreNotUTF8_areRefusedAsTextOrAsUsage() throws {
        let bytes: [[UInt8]] = [Array("send".utf8), [0x61, 0xFF]]
        let text = try #require(throws: FailureReport.self) {
            try ArgumentBytes.check(bytes, arguments: ["send", "a\u{FFFD}"])
        }
        #expect(text == FailureReport("the text is not valid UTF-8 (at byte 2)", status: .refused))
        let other = try #require(throws: FailureReport.self) {
            try ArgumentBytes.check(bytes, arguments: ["list", "a\u{FFFD}"])
        }
        #expect(other == FailureReport("argument 2 is not valid UTF-8 (at byte 2)", status: .usage))
        try ArgumentBytes.check([Array("send".utf8), Array("äöü 日本".utf8)], arguments: ["send", "äöü 日本"])
    }
}
