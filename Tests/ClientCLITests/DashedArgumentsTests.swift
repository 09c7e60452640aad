import ServiceRuntime
import Testing

@testable import ClientCLI

/// What begins with a dash: an option, or what somebody wants to say.
@Suite struct DashedArgumentsTests {
    private func arranged(_ arguments: [String]) throws(FailureReport) -> [String] {
        try DashedArguments(CommandPath(of: arguments)).arranged(arguments)
    }

    @Test(arguments: [
        "-5 this is lost", "-5", "-- nobody knows", "- first item", "--json is what I want", "-_-", "--> there", "-°C",
    ])
    func textThatIsNoOption_isTheText(_ text: String) throws {
        for line in [["send", text], ["send", "--json", text, "--channel", "garden"], ["send", text, "--acks", "2"]] {
            guard case .command(let command) = try CommandRunner.parse(line, environment: [:]) else {
                Issue.record("\(line) was not understood")
                continue
            }
            #expect((command as? SendCommand)?.text == text)
            #expect((command as? SendCommand)?.node.json == line.contains("--json"))
        }
    }

    @Test(arguments: ["-help", "-json", "-lost", "-x=5 is a formula", "-chanel"])
    func whatMayBeAnOptionOrAText_isWrongUsageWithAHintAtTheDashes(_ text: String) throws {
        let report = try #require(throws: FailureReport.self) { try arranged(["send", text]) }
        #expect(report.status == .usage)
        #expect(report.message.contains("p2pmsg send -- "), "\(report.message)")
        #expect(try arranged(["send", "--", text]) == ["send", "--", text])
    }

    @Test func unknownOption_whereATextMayBe_hintsAtTheDashes() throws {
        guard case .answer(let explanation, _) = try CommandRunner.parse(["send", "--nonsense"], environment: [:])
        else {
            Issue.record("understood")
            return
        }
        #expect(explanation.exitCode != 0)
        #expect(explanation.message.contains("p2pmsg send -- "), "\(explanation.message)")
    }

    @Test func wrongArgument_isRepeatedWithoutControlCharacters() throws {
        let line = ["show", "\u{1B}]0;title\u{7}"]
        guard case .answer(let explanation, _) = try CommandRunner.parse(line, environment: [:]) else {
            Issue.record("understood")
            return
        }
        #expect(explanation.message.contains("title") && !explanation.message.contains("\u{1B}"))
    }

    @Test func dashedWords_ofASearch_areWordsThatMustNotBeThere() throws {
        let line = ["search", "coffee", "-tea", "--limit", "3", "-5"]
        #expect(try arranged(line) == ["search", "--limit", "3", "--", "coffee", "-tea", "-5"])
        #expect(try arranged(["search", "coffee", "-h"]) == ["search", "coffee", "-h"])
    }

    @Test func namesAndReasons_mayBeginWithADash() throws {
        #expect(try arranged(["name", "-5-", "Ada"]) == ["name", "--", "-5-", "Ada"])
        #expect(try arranged(["pin", "KEY", "-5-"]) == ["pin", "--", "KEY", "-5-"])
        #expect(try arranged(["hide", "ID", "--reason", "-5 of it"]) == ["hide", "ID", "--reason=-5 of it"])
        #expect(try arranged(["hide", "--reason", "--list", "ID"]) == ["hide", "--reason", "--list", "ID"])
    }

    /// The parser would find `-h` in these and answer with help and success.
    @Test(arguments: [["show", "-5h"], ["list", "-help"], ["status", "-the"], ["key", "show", "-h5"], ["-5h"]])
    func nothingButDashH_isHelp(_ line: [String]) {
        let report = #expect(throws: FailureReport.self) { try CommandRunner.parse(line, environment: [:]) }
        #expect(report?.status == .usage)
    }

    @Test(arguments: [
        (["sned", "hi"], "send"), (["lsit"], "list"), (["key", "shwo"], "show"), (["serach", "x"], "search"),
        (["bakcup"], "backup"),
    ])
    func mistypedCommand_isAnsweredWithTheOneThatWasMeant(_ line: [String], _ meant: String) throws {
        guard case .answer(let explanation, _) = try CommandRunner.parse(line, environment: [:]) else {
            Issue.record("\(line) was understood")
            return
        }
        #expect(explanation.exitCode != 0)
        #expect(explanation.message.contains("Did you mean '\(meant)'?"), "\(explanation.message)")
    }

    @Test(arguments: [["send", "x", "--chanel", "a"], ["list", "--chanel", "a"], ["tail", "--jsn"]])
    func mistypedOption_isAnsweredWithTheOneThatWasMeant(_ line: [String]) throws {
        guard case .answer(let explanation, _) = try CommandRunner.parse(line, environment: [:]) else {
            Issue.record("\(line) was understood")
            return
        }
        #expect(explanation.exitCode != 0)
        #expect(explanation.message.contains("Did you mean '--"), "\(explanation.message)")
    }
}
