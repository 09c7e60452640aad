import Bus
import Glibc
import Messages
import ServiceRuntime

/// Messages from JSON lines, a batch at a time, in memory that does not depend on the input.
final class MessageLines {
    struct Batch {
        var messages: [StoredMessage] = []
        var unreadable: [(line: Int, text: String)] = []
    }

    private let descriptor: Int32
    private var reader = TextReader(limit: Limits.textBytes)
    private var lines: ArraySlice<LineSplitter.Line> = []
    private var number = 0
    private var isAtEnd = false

    /// - Parameter file: a path, or `-` for standard input.
    /// - Throws: a report that names the file.
    init(_ file: String) throws(FailureReport) {
        descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FailureReport("cannot read \(file): \(describe(errno: errno))") }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next messages, as many as fit one request, with the lines between them that are none; nil at the end.
    func next() async throws -> Batch? {
        var batch = Batch()
        var bytes = 0
        while batch.messages.count < BusLimits.importRows, bytes < BusLimits.importBytes - Limits.messageBytes,
            batch.unreadable.count < BusLimits.importRows, let line = try await nextLine()
        {
            number += 1
            switch line {
            case .tooLong(let length): batch.unreadable.append((number, "\(length) bytes; a message has fewer"))
            case .bytes where line.isBlank: continue
            case .bytes(let text):
                do throws(MessageError) {
                    let stored = try StoredMessage(json: text, now: Timestamp.now)
                    bytes += stored.message.encodedByteCount + Limits.messageOverhead
                    batch.messages.append(stored)
                } catch {
                    batch.unreadable.append((number, error.message))
                }
            }
        }
        return batch.messages.isEmpty && batch.unreadable.isEmpty ? nil : batch
    }

    private func nextLine() async throws -> LineSplitter.Line? {
        while lines.isEmpty {
            guard !isAtEnd else { return nil }
            let chunk = try await StandardInput.chunk(of: descriptor)
            isAtEnd = chunk.isEmpty
            lines = (isAtEnd ? reader.finish() : reader.feed(chunk))[...]
        }
        return lines.removeFirst()
    }
}
