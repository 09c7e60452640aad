import Messages
import ServiceRuntime

/// `p2pmsg-receiver --salvage`: the intact messages of a store as JSON lines on standard output, talk on standard error.
enum SalvageCommand {
    /// - Parameter path: the store's file; nothing is written to it.
    /// - Throws: a report that names the file, where it cannot be read; ``OutputError``.
    static func run(path: String) throws {
        StandardStreams.prepare()
        var lines = ""
        var problem: OutputError?
        let summary: Salvage.Summary
        do throws(StoreError) {
            summary = try Salvage.run(path: path) { message in
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
        StandardStreams.error("\(ReceiverOptions.command): \(sentence(summary, path: path))\n")
    }

    static func sentence(_ summary: Salvage.Summary, path: String) -> String {
        var parts = ["\(summary.messages) intact messages in \(summary.pages) pages of \(path)"]
        if summary.brokenRows > 0 { parts.append("\(summary.brokenRows) rows are not whole") }
        if summary.damagedPages > 0 {
            let named = summary.firstDamaged.map(String.init).joined(separator: ", ")
            let more = summary.damagedPages > summary.firstDamaged.count ? " …" : ""
            parts.append("damaged pages: \(summary.damagedPages) (\(named)\(more))")
        }
        return parts.joined(separator: "; ")
    }
}
