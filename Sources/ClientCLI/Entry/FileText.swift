import Glibc
import ServiceRuntime

/// Small files that the user names.
enum FileText {
    /// - Throws: a report that names the file.
    static func bytes(of path: String) throws(FailureReport) -> [UInt8] {
        do throws(FileError) {
            return try readFile(path, limit: Limits.documentBytes)
        } catch {
            throw FailureReport("cannot read \(path): \(error)")
        }
    }
}
