import Testing

@testable import ClientCLI

/// What is said about commands and options that there are not.
@Suite struct MistypedWordsTests {
    private func message(_ arguments: [String]) throws -> String? {
        guard case .answer(let explanation, _) = try CommandRunner.parse(arguments, environment: [:]),
            explanation.exitCode != 0
        else { return nil }
        return explanation.message
    }

    @Test(arguments: [
        (["help", "sned"], "There is no command 'p2pmsg sned'. Did you mean 'send'?"),
        (["help", "nonsense"], "There is no command 'p2pmsg nonsense'.\n"),
        (["help", "key", "neww"], "There is no command 'p2pmsg key neww'. Did you mean 'new'?"),
        (["sned"], "There is no command 'p2pmsg sned'. Did you mean 'send'?"),
    ])
    func commandThatThereIsNot_isSaid(arguments: [String], expected: String) throws {
        let message = try #require(try message(arguments), "\(arguments) was a success")
        #expect(message.hasPrefix("Error: " + expected), "\(message)")
    }

    @Test(arguments: [["help"], ["help", "send"], ["help", "key", "new"], ["help", "key"], ["help", "help"]])
    func helpForWhatThereIs_isASuccess(arguments: [String]) throws {
        #expect(try message(arguments) == nil)
    }

    @Test(
        arguments: [
            (["tail", "--limit", "3"], "limit", "count"), (["list", "--count", "3"], "count", "limit"),
            (["tail", "--timeout", "3"], "timeout", "wait"), (["list", "--key", "x"], "key", "author"),
            (["list", "--limt", "3"], "limt", "limit"), (["up", "--chanel", "x"], "chanel", "channel"),
            (["tail", "--nothing"], "nothing", nil), (["show", "3f2a90", "--jsn"], "jsn", "json"),
        ] as [([String], String, String?)])
    func optionThatThereIsNot_getsASuggestionThatIsNearOrMeansTheSame(
        arguments: [String], word: String, meant: String?
    ) throws {
        let hint = meant.map { ". Did you mean '--\($0)'?" } ?? ""
        let message = try #require(try message(arguments))
        #expect(message.hasPrefix("Error: Unknown option '--\(word)'\(hint)\n"), "\(message)")
        #expect(message.contains("p2pmsg \(arguments[0])"), "how it is used is still said")
    }
}
