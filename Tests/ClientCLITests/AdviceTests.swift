import Bus
import Messages
import ServiceRuntime
import TestSupport
import Testing

@testable import ClientCLI

/// What the command line says of what it cannot do, and with which status it ends.
@Suite struct AdviceTests {
    private func message(_ arguments: [String], _ environment: [String: String] = [:]) throws -> String {
        guard case .answer(let explanation, _) = try CommandRunner.parse(arguments, environment: environment) else {
            throw NotInTime("\(arguments) was understood")
        }
        #expect(explanation.exitCode != 0)
        return explanation.message
    }

    @Test(arguments: [
        (["list", "--timeout", "abc"], "expected a time above 0 such as 5s"),
        (["list", "--timeout", "0"], "expected a time above 0 such as 5s"),
        (["tail", "--wait", "x"], "expected a time above 0 such as 5s"),
        (["list", "--since", "tomorrow"], "or how long ago (2h)"),
        (["show", "a2b68"], "expected the id of a message, or its first digits"),
        (["hide", "--list", "--store-id", "3faeaa"], "expected the whole id of a store"),
        (["up", "--udp", "127.0.0.1:0"], "port 0 is not allowed"),
        (["backup", ""], "give the FILE"),
    ])
    func value_thatCannotBe_isSaidWithWhatIsExpected(arguments: [String], expected: String) throws {
        let message = try message(arguments)
        #expect(message.contains(expected), "\(message)")
    }

    @Test func udp_offersNoPath() throws {
        let message = try message(["up", "--udp", "14242"])
        #expect(!message.contains("unix:"))
    }

    @Test func severalChannels_areRefusedWhereOneIsTaken() throws {
        let environment = ["P2PMSG_CHANNEL": "garden,tweets"]
        let report = #expect(throws: FailureReport.self) {
            try CommandRunner.parse(["list"], environment: environment)
        }
        #expect(report?.status == .usage)
        #expect(report?.message.contains("P2PMSG_CHANNEL: this command takes one channel") == true)
        guard case .command(let command) = try CommandRunner.parse(["tail"], environment: environment) else {
            Issue.record("tail did not take both")
            return
        }
        #expect((command as? TailCommand)?.channels.map(\.name) == ["garden", "tweets"])
    }

    @Test(arguments: [
        ("garden", "garden"), ("Küche", "Küche"), ("Küche 2", "'Küche 2'"), ("it's", #"'it'\''s'"#), ("$x", "'$x'"),
    ])
    func word_isQuotedWhereAShellReadsMoreIntoIt(word: String, quoted: String) {
        #expect(ShellWord.quoted(word) == quoted)
    }

    @Test func reason_ofTheNewestRuleOfTheSameSubjectStays() throws {
        let (id, other) = (
            try #require(MessageID(bytes: Array(repeating: 1, count: 32))),
            try #require(MessageID(bytes: Array(repeating: 2, count: 32)))
        )
        let rule = Rule(subject: .message(id), isActive: true, at: 9)
        let known = [
            Rule(subject: .message(id), isActive: true, at: 5, reason: "new"),
            Rule(subject: .message(id), isActive: true, at: 4, reason: "old"),
            Rule(subject: .message(other), isActive: true, at: 6, reason: "other"),
        ]
        #expect(rule.keepingReason(of: known).reason == "new")
        #expect(rule.keepingReason(of: known).at == 9)
        #expect(rule.keepingReason(of: [known[2]]).reason.isEmpty)
    }

    @Test func unreadableLines_areNamedUpToABound() {
        var totals = ImportTotals(stores: [])
        #expect(totals.noting((1...7).map { ($0, "") }).count == 7)
        #expect(totals.unnamed == nil)
        #expect(totals.noting((8...20).map { ($0, "") }).map(\.line) == [8, 9, 10])
        #expect(totals.noting([(21, "")]).isEmpty)
        #expect(totals.unnamed == "and 11 more lines that could not be read")
    }

    @Test func channel_thatTheNodeHasNot_isSaid() throws {
        var table = ChannelTable()
        table.add(try Channel("garden"))
        #expect(table.notice(about: try Channel("garden")) == nil)
        #expect(table.notice(about: try Channel("gardenn"))?.contains("no channel gardenn") == true)
    }

    @Test func nameThatNoKeyCanHave_isWrongUsage() throws {
        let directory = try TemporaryDirectory()
        let store = KeyStore(directory: directory.file("keys"))
        let error = #expect(throws: KeyError.self) { try store.load("../../etc") }
        #expect(Failures.report(try #require(error)).status == .usage)
    }

    @Test func keyOfAService_signsNothing() async throws {
        let directory = try TemporaryDirectory()
        let store = KeyStore(directory: directory.file("keys"))
        guard
            case .command(var made) = try CommandRunner.parse(
                ["key", "new", "svc", "--service", "--keys", store.directory], environment: [:])
        else { throw NotInTime("key new was not understood") }
        try await made.run()
        let report = #expect(throws: FailureReport.self) {
            try Signer(store: store).identity(name: "svc", scheme: nil) { _ in }
        }
        #expect(report?.message == "'svc' is the key of a service, not of an author")
    }
}
