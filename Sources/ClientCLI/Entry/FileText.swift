import Glibc
import ServiceRuntime

/// Small files that the user names.
enum FileText {
    /// As UTF-8, whatever editor wrote it.
    ///
    /// - Throws: a report that names the file.
    static func bytes(of path: String) throws(FailureReport) -> [UInt8] {
        do throws(FileError) {
            return TextDecoder.utf8(try readFile(path, limit: Limits.documentBytes))
        } catch {
            throw FailureReport("cannot read \(path): \(error)")
        }
    }
}
