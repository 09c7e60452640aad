import ArgumentParser
import BusSecurity
import Glibc
import Messages
import ServiceRuntime
import TelehashWire

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make and keep identities, and the keys of services.",
        discussion: """
            An identity is a private key in a file of its own that only you can read. A service key is what a process is \
            known by when the bus is on the network (--bus tcp://…).
            """,
        subcommands: [
            New.self, List.self, Show.self, Rename.self, Delete.self, Import.self, Export.self,
        ])

    struct New: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "new", abstract: "Make a new identity, or a service key.",
            discussion: Help.text(
                json: KeyOptions.members, examples: ["p2pmsg key new work", "p2pmsg key new receiver-1 --service"]))
        static let settings: [Setting] = KeyOptions.settings + [.scheme, .service]

        @Argument(help: "Its name: letters, digits, '.', '_' and '-'.")
        var name: String

        @Option(help: .of(.scheme, "scheme"))
        var scheme = Scheme.ed25519

        @Flag(help: ArgumentHelp(Setting.service.help))
        var service = false

        @OptionGroup var options: KeyOptions

        func run() async throws {
            let key: KeptKey = service ? .service(try ServiceKey.generate()) : .identity(.generate(scheme))
            try options.keys.store.save(text: key.exported, as: name)
            try options.show(name, key)
        }
    }

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the keys.",
            discussion: Help.text(json: KeyOptions.members, examples: ["p2pmsg key list"]))
        static let settings: [Setting] = KeyOptions.settings

        @OptionGroup var options: KeyOptions

        /// One key that cannot be read does not hide the others.
        func run() async throws {
            var failures = 0
            for name in try options.keys.store.names() {
                let key: KeptKey
                do throws(KeyError) {
                    key = try KeptKey.load(name, from: options.keys.store)
                } catch {
                    failures += 1
                    tell(error.message)
                    continue
                }
                try options.show(name, key)
            }
            if failures > 0 { throw EndedWith(status: .failed) }
        }
    }

    struct Show: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print the public half of a key, and nothing else.",
            discussion: Help.text(
                json: KeyOptions.members,
                examples: ["p2pmsg key show", "p2pmsg list --author \"$(p2pmsg key show work)\""]))
        static let settings: [Setting] = KeyOptions.settings

        @Argument(help: "The key's name.")
        var name = KeyStore.defaultName

        @OptionGroup var options: KeyOptions

        func run() async throws {
            let key = try KeptKey.load(name, from: options.keys.store)
            if options.json { return try options.show(name, key) }
            try StandardStreams.out(key.publicText + "\n")
        }
    }

    struct Import: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Keep a private key from standard input or a file.",
            discussion: Help.text(
                "The key is never taken from the command line, where others can see it.", json: KeyOptions.members,
                examples: ["p2pmsg key import work < work.key", "p2pmsg key import old ./keys"]))
        static let settings: [Setting] = KeyOptions.settings

        @Argument(help: "The name to keep it under.")
        var name: String

        @Argument(help: "The file with the key, or - for standard input.")
        var file = "-"

        @OptionGroup var options: KeyOptions

        func run() async throws {
            let bytes = file == "-" ? try await StandardInput.document("the key") : try FileText.bytes(of: file)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw FailureReport("the key is not text")
            }
            let key = try KeptKey(text)
            try options.keys.store.save(text: key.exported, as: name)
            try options.show(name, key)
        }
    }

    struct Export: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print a private key on standard output.",
            discussion: Help.text(examples: ["p2pmsg key export work > work.key"]))
        static let settings = KeyDirectoryOptions.settings

        @Argument(help: "The key's name.")
        var name: String

        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var config: ConfigOptions

        func run() async throws {
            let key = try KeptKey.load(name, from: keys.store)
            let can = if case .service = key { "passes for" } else { "writes as" }
            tell("this is the private key: whoever has it \(can) '\(name)'")
            let text = key.exported
            try StandardStreams.out(text.hasSuffix("\n") ? text : text + "\n")
        }
    }
}

struct KeyOptions: ParsableArguments {
    static let settings: [Setting] = KeyDirectoryOptions.settings + [.json]

    /// The keys of the JSON of a key.
    static let members = "name, scheme, key"

    @Flag(help: ArgumentHelp(Setting.json.help))
    var json = false

    @OptionGroup var keys: KeyDirectoryOptions
    @OptionGroup var config: ConfigOptions

    /// Prints one key as all commands but `show` do.
    func show(_ name: String, _ key: KeptKey) throws(OutputError) {
        guard json else { return try StandardStreams.out("\(name)  \(key.scheme)  \(key.publicText)\n") }
        var line = JSONWriter(.terminal)
        line.member("name", name)
        line.member("scheme", key.scheme)
        line.member("key", key.publicText)
        try StandardStreams.out(line.object + "\n")
    }
}

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
