import Glibc
import ServiceRuntime

/// Finds the executables of the services.
struct Programs {
    /// Beside our own executable first, then in `PATH`.
    let directories: [String]

    init(environment: [String: String]) {
        let path = environment["PATH"].map { $0.split(separator: ":").map(String.init) } ?? []
        directories = (Programs.ownDirectory.map { [$0] } ?? []) + path
    }

    init(directories: [String]) { self.directories = directories }

    /// - Throws: a report that names the program.
    func path(of program: String) throws(FailureReport) -> String {
        for directory in directories where access(directory + "/" + program, X_OK) == 0 {
            return directory + "/" + program
        }
        throw FailureReport("cannot find \(program), neither beside p2pmsg nor in PATH")
    }

    private static var ownDirectory: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }
}
