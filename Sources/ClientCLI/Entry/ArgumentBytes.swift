import Glibc
import ServiceRuntime

/// The command line as bytes: Swift repairs what is not UTF-8, but a text must not be changed before it is signed.
enum ArgumentBytes {
    /// - Throws: a report of status `refused` for `send`, whose arguments are the text, else of status `usage`.
    static func check(_ arguments: [[UInt8]], arguments names: [String]) throws(FailureReport) {
        for (index, bytes) in arguments.enumerated() {
            guard let offset = firstError(in: bytes) else { continue }
            let isText = names.first == "send"
            throw FailureReport(
                "\(isText ? "the text" : "argument \(index + 1)") is not valid UTF-8 (at byte \(offset + 1))",
                status: isText ? .refused : .usage)
        }
    }

    /// The place of the first byte that does not belong to valid UTF-8.
    static func firstError(in bytes: [UInt8]) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    /// The arguments without the program's name, as the system passed them.
    static var own: [[UInt8]] {
        UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).dropFirst().compactMap {
            $0.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        }
    }
}
