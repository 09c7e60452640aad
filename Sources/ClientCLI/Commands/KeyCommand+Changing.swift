import ArgumentParser
import Glibc
import Messages
import ServiceRuntime

extension KeyCommand {
    struct Rename: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "rename", abstract: "Give a key another name.",
            discussion: Help.text(
                "Only the file's name changes: the key, and what it is called on the wall, stay.",
                json: KeyOptions.members,
                examples: ["p2pmsg key rename default home"]))
        static let settings: [Setting] = KeyOptions.settings

        @Argument(help: "The key's name.")
        var name: String

        @Argument(help: "Its new name: letters, digits, '.', '_' and '-'.")
        var newName: String

        @OptionGroup var options: KeyOptions

        func run() async throws {
            let key = try KeptKey.load(name, from: options.keys.store)
            try options.keys.store.rename(name, to: newName)
            try options.show(newName, key)
        }
    }

    struct Delete: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Remove a key for ever.",
            discussion: Help.text(
                """
                Nobody can make it again, so nobody can write as its author any more; what it has written stays. It \
                asks before; where nobody can answer, --yes has to say that you are sure.
                """, json: KeyOptions.members, examples: ["p2pmsg key delete work", "p2pmsg key delete work --yes"]))
        static let settings: [Setting] = KeyOptions.settings

        @Argument(help: "The key's name.")
        var name: String

        @Flag(help: "Ask nothing.")
        var yes = false

        @OptionGroup var options: KeyOptions

        func run() async throws {
            let key: KeptKey?
            do throws(KeyError) {
                key = try KeptKey.load(name, from: options.keys.store)
            } catch {
                // What is no key any more may go as well.
                guard error.code == .malformed || error.code == .exposed else { throw error }
                key = nil
            }
            if !yes {
                guard isatty(STDIN_FILENO) == 1 else {
                    throw FailureReport(
                        "the key '\(name)' is still there: add --yes to delete it for ever", status: .usage)
                }
                StandardStreams.error("Delete the key '\(name)' for ever? [y/N] ")
                guard let answer = readLine(), answer.lowercased().hasPrefix("y") else {
                    throw FailureReport("the key '\(name)' is still there")
                }
            }
            try options.keys.store.delete(name)
            if let key { try options.show(name, key) }
        }
    }
}
