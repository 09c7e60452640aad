import Messages
import ReceiverStore
import ServiceRuntime

/// `p2pmsg-receiver --salvage`: the intact messages of a store as JSON lines on standard output, talk on standard error.
enum SalvageCommand {
    /// - Throws: a report that names the store, where it cannot be read; ``OutputError``.
    static func run(_ store: any StoreLocation) throws {
        StandardStreams.prepare()
        var lines = ""
        var problem: OutputError?
        let found: String
        do throws(StoreError) {
            found = try store.salvage { message in
                lines += message.json() + "\n"
                guard lines.utf8.count >= Limits.salvageOutputBytes else { return true }
                do throws(OutputError) { try StandardStreams.out(lines) } catch { problem = error }
                lines.removeAll(keepingCapacity: true)
                return problem == nil
            }
        } catch {
            throw FailureReport(error.message)
        }
        if let problem { throw problem }
        try StandardStreams.out(lines)
        StandardStreams.error("\(ReceiverOptions.command): \(found)\n")
    }
}
