import ArgumentParser
import Glibc
import Messages
import ServiceRuntime

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make and keep identities.",
        discussion: "An identity is a private key in a file of its own that only you can read.",
        subcommands: [New.self, List.self, Show.self, Import.self, Export.self])

    private static let settings: [Setting] = KeyDirectoryOptions.settings

    /// One identity as `new`, `list`, `show` and `import` print it.
    private static func show(_ name: String, _ key: PublicKey, json: Bool) {
        if json {
            var line = JSONLine()
            line.add("name", name)
            line.add("scheme", key.scheme.rawValue)
            line.add("key", key.text)
            StandardStreams.out(line.text + "\n")
        } else {
            StandardStreams.out("\(name)  \(key.scheme.rawValue)  \(key.text)\n")
        }
    }

    struct New: ClientCommand {
        static let configuration = CommandConfiguration(commandName: "new", abstract: "Make a new identity.")
        static let settings: [Setting] = KeyCommand.settings + [.scheme, .json]

        @Argument(help: "Its name: letters, digits, '.', '_' and '-'.")
        var name: String

        @Option(help: ArgumentHelp(Setting.scheme.help, valueName: "scheme"))
        var scheme = Scheme.ed25519

        @Flag(help: ArgumentHelp(Setting.json.help))
        var json = false

        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var config: ConfigOptions

        func run() async throws {
            KeyCommand.show(name, try keys.store.create(name, scheme: scheme).publicKey, json: json)
        }
    }

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the identities.")
        static let settings: [Setting] = KeyCommand.settings + [.json]

        @Flag(help: ArgumentHelp(Setting.json.help))
        var json = false

        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var config: ConfigOptions

        /// One key that cannot be read does not hide the others.
        func run() async throws {
            var failures = 0
            for name in try keys.store.names() {
                do throws(KeyError) {
                    KeyCommand.show(name, try keys.store.load(name).publicKey, json: json)
                } catch {
                    failures += 1
                    StandardStreams.error("p2pmsg: \(error.message)\n")
                }
            }
            if failures > 0 { throw EndedWith(status: .failed) }
        }
    }

    struct Show: ClientCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Show an identity's public key.")
        static let settings: [Setting] = KeyCommand.settings + [.json]

        @Argument(help: "The identity.")
        var name = KeyStore.defaultName

        @Flag(help: ArgumentHelp(Setting.json.help))
        var json = false

        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var config: ConfigOptions

        func run() async throws {
            KeyCommand.show(name, try keys.store.load(name).publicKey, json: json)
        }
    }

    struct Import: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Keep a private key from standard input or a file.",
            discussion: "The key is never taken from the command line, where others can see it.")
        static let settings: [Setting] = KeyCommand.settings + [.json]

        @Argument(help: "The identity's name.")
        var name: String

        @Argument(help: "The file with the key, or - for standard input.")
        var file = "-"

        @Flag(help: ArgumentHelp(Setting.json.help))
        var json = false

        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var config: ConfigOptions

        func run() async throws {
            let bytes = file == "-" ? try await StandardInput.document("the key") : try FileText.bytes(of: file)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw FailureReport("the key is not text")
            }
            let identity = try Identity.imported(text)
            try keys.store.save(identity, as: name)
            KeyCommand.show(name, identity.publicKey, json: json)
        }
    }

    struct Export: ClientCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print an identity's private key on standard output.")
        static let settings: [Setting] = KeyCommand.settings

        @Argument(help: "The identity.")
        var name: String

        @OptionGroup var keys: KeyDirectoryOptions
        @OptionGroup var config: ConfigOptions

        func run() async throws {
            let identity = try keys.store.load(name)
            StandardStreams.error("p2pmsg: this is the private key: whoever has it writes as '\(name)'\n")
            let text = identity.exported
            guard StandardStreams.out(text.hasSuffix("\n") ? text : text + "\n") else {
                throw FailureReport("the key could not be written to standard output")
            }
        }
    }
}
