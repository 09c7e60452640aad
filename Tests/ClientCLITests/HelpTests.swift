import ArgumentParser
import Foundation
import Testing

@testable import ClientCLI

/// Every command shows how it is used, and what it prints for programs.
@Suite struct HelpTests {
    /// The names and types of all commands that can be run.
    private static func commands(
        below command: any ParsableCommand.Type = RootCommand.self, named names: [String] = []
    ) -> [(names: [String], type: any ParsableCommand.Type)] {
        let subcommands = command.configuration.subcommands
        guard !subcommands.isEmpty else { return [(names, command)] }
        return subcommands.flatMap { commands(below: $0, named: names + [$0.configuration.commandName ?? "?"]) }
    }

    /// The words of a command line as a shell reads them, up to what it does itself.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var (word, quote): (String?, Character?) = (nil, nil)
        for character in line {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character == " " {
                if let word { words.append(word) }
                word = nil
            } else if quote == nil, word == nil, "|<>".contains(character) {
                return words
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    @Test func everyCommand_hasExamplesThatAreUnderstood() throws {
        let commands = Self.commands()
        #expect(commands.count > 25)
        for (names, type) in commands {
            let help = RootCommand.helpMessage(for: type)
            let examples =
                help.components(separatedBy: "EXAMPLES:\n").dropFirst().first?
                .components(separatedBy: "\n\n").first?.split(separator: "\n") ?? []
            #expect(!examples.isEmpty, "\(names)")
            for example in examples {
                let own = example.split(separator: "| ").map { $0.drop { $0 == " " } }.filter {
                    $0.hasPrefix("p2pmsg ")
                }
                #expect(!own.isEmpty, "\(example)")
                for line in own {
                    // What a shell puts in is no key here.
                    guard !line.contains("$(") else { continue }
                    let words = Self.words(String(line.dropFirst("p2pmsg ".count)))
                    guard case .command(let parsed) = try CommandRunner.parse(words, environment: [:]) else {
                        Issue.record("\(example) is not understood")
                        continue
                    }
                    let isOfThis = Swift.type(of: parsed) == type
                    #expect(isOfThis || own.count > 1, "\(example)")
                }
            }
        }
    }

    @Test func everyCommandWithJSON_namesItsKeys() {
        for (names, type) in Self.commands() {
            let help = RootCommand.helpMessage(for: type)
            #expect(help.contains("  --json ") == help.contains("With --json it prints"), "\(names)")
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completions_areMadeForEveryShell(_ shell: String) throws {
        let parsed = try CommandRunner.parse(["--generate-completion-script", shell], environment: [:])
        guard case .answer(let explanation, _) = parsed else {
            Issue.record("not answered")
            return
        }
        #expect(explanation.exitCode == 0)
        #expect(explanation.message.contains("p2pmsg") && explanation.message.contains("unhide"))
        let root = RootCommand.helpMessage()
        #expect(root.contains("--generate-completion-script"))
    }
}
