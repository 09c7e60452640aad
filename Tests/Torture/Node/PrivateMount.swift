import Foundation
import TestSupport

/// A file system in memory with little room, that goes with the process.
struct PrivateMount {
    let path: String
    private var filler: String { path + "/filler" }

    private static let mark = "P2PMSG_TORTURE_NAMESPACE"

    /// Whether this process may mount.
    static var isPossible: Bool { geteuid() == 0 && access("/usr/bin/unshare", X_OK) == 0 }

    /// Starts this program anew in a mount namespace of its own, which the kernel takes down with its last process: nothing
    /// stays mounted, however the run ends. Returns at once in the program that was started so.
    static func enterNamespace() throws {
        guard ProcessInfo.processInfo.environment[mark] == nil else { return }
        setenv(mark, "1", 1)
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let line = ["unshare", "--mount", "--propagation", "private", program] + CommandLine.arguments.dropFirst()
        var arguments = line.map { strdup($0) } + [nil]
        execv("/usr/bin/unshare", &arguments)
        throw SystemError("start /usr/bin/unshare")
    }

    /// - Parameter megabytes: its whole room.
    static func make(at path: String, megabytes: Int) throws -> PrivateMount {
        guard ProcessInfo.processInfo.environment[mark] != nil else {
            throw NotInTime("nothing is mounted outside of a namespace of our own")
        }
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m,mode=0700") == 0 else {
            throw SystemError("mount a tmpfs at \(path)")
        }
        return PrivateMount(path: path)
    }

    /// Leaves no byte free. What is deleted elsewhere on it can be used again.
    func fillUp() throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open \(filler)") }
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: 65_536)
        while write(descriptor, zeros, zeros.count) > 0 {}
        guard errno == ENOSPC else { throw SystemError("fill \(filler)") }
    }

    func makeRoom() throws {
        guard unlink(filler) == 0 else { throw SystemError("remove \(filler)") }
    }
}
