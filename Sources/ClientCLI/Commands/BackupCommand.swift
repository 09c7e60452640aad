import ArgumentParser
import Bus
import BusClient
import Glibc
import ServiceRuntime
import TelehashWire

struct BackupCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a store into a file while it is in use.",
        discussion: Help.text(
            """
            The receiver makes a copy beside its store, which takes the store's size once more for so long, and this command \
            writes it, readable by you alone; the file is complete and on the disk when the command ends. With - the copy goes \
            to standard output. Where there are several stores, --store-id says which. A restored copy has the identity of its \
            store: never run both.
            """, json: "store, file, bytes",
            examples: ["p2pmsg backup /backup/store.sqlite", "p2pmsg backup - | ssh host 'cat > store.sqlite'"]))
    static let settings: [Setting] = StoreOptions.settings

    @Argument(help: "The file, which must not be there yet, or - for standard output.")
    var file: String

    @OptionGroup var options: StoreOptions

    func validate() throws {
        if file.isEmpty { throw ValidationError("give the FILE to copy to") }
        if file == "-", options.json {
            throw ValidationError("--json needs a FILE: the copy itself goes to standard output")
        }
    }

    func run() async throws {
        if file == "-", isatty(STDOUT_FILENO) == 1 {
            throw FailureReport("a store is no text for a terminal: name a file, or pipe the copy on", status: .usage)
        }
        // Before a copy is made that nobody can write.
        let target = file == "-" ? nil : try BackupFile(file)
        try await options.run("backup") { client, stores in
            guard stores.count == 1 else {
                throw FailureReport(
                    "there are \(stores.count) stores here; say which with --store-id: "
                        + stores.map(\.description).joined(separator: ", "), status: .usage)
            }
            let bytes = try await copy(stores[0], client) { piece throws in
                if let target { try target.write(piece) } else { try StandardStreams.out(piece) }
            }
            try target?.finish()
            try report(stores[0], bytes)
        }
    }

    /// Asks for one piece after the other, and says when it wants no more, however that came.
    private func copy(_ store: StoreID, _ client: BusClient, _ take: ([UInt8]) throws -> Void) async throws -> UInt64 {
        let patience = max(options.timeout, Limits.backupTimeout)
        let ticket = try await client.control(.copy(.begin), of: store, timeout: patience).value(\.copy)
        func ask(_ step: CopyStep) async throws -> Answer {
            try await client.control(.copy(step), of: store, at: ticket.receiver, timeout: options.timeout)
        }
        do {
            var offset: UInt64 = 0
            while offset < ticket.bytes {
                let piece = try await ask(.piece(number: ticket.number, offset: offset)).value(\.piece).bytes
                guard !piece.isEmpty else { throw FailureReport("the receiver broke the copy off") }
                try take(piece)
                offset += UInt64(piece.count)
            }
        } catch {
            _ = try? await ask(.end(number: ticket.number))
            throw error
        }
        _ = try? await ask(.end(number: ticket.number))
        return ticket.bytes
    }

    private func report(_ store: StoreID, _ bytes: UInt64) throws {
        guard file != "-" else { return tell("\(counted(bytes, "byte")) of \(store)") }
        let path = file.hasPrefix("/") ? file : UpCommand.currentDirectory + "/" + file
        var line = JSONWriter(.terminal)
        line.member("store", store.description)
        line.member("file", path)
        line.member("bytes", bytes)
        try StandardStreams.out(options.json ? line.object + "\n" : "\(path)  \(counted(bytes, "byte")) of \(store)\n")
    }
}
