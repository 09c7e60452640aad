import ArgumentParser
import Bus
import Glibc
import ServiceRuntime
import TelehashWire

struct BackupCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a store into a file while it is in use.",
        discussion: Help.text(
            """
            The receiver writes the copy, on its machine and as its user; it is complete and durable when the command ends. \
            Where there are several stores, --store-id says which. A restored copy has the identity of its store: never run both.
            """, json: "store, file, bytes", examples: ["p2pmsg backup /backup/store.sqlite"]))
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: "The file, which must not be there yet.")
    var file: String

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if file.isEmpty { throw ValidationError("give the FILE to copy to") }
    }

    func run() async throws {
        let path = file.hasPrefix("/") ? file : UpCommand.currentDirectory + "/" + file
        try await options.run("backup") { client, stores in
            guard stores.count == 1 else {
                throw FailureReport(
                    "there are \(stores.count) stores here; say which with --store-id: "
                        + stores.map(\.description).joined(separator: ", "), status: .usage)
            }
            let timeout = max(options.timeout, Limits.backupTimeout)
            let bytes = try Answers.done(
                try await client.control(.backup(path: path), of: stores[0], timeout: timeout))
            var line = JSONWriter(.terminal)
            line.member("store", stores[0].description)
            line.member("file", path)
            line.member("bytes", Int64(clamping: bytes))
            try StandardStreams.out(
                options.json ? line.object + "\n" : "\(path)  \(counted(bytes, "byte")) of \(stores[0])\n")
        }
    }
}
