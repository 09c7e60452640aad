import Foundation

/// Where the built programs are.
public enum Binaries {
    public static let router = "p2pmsg-router"
    public static let receiver = "p2pmsg-receiver"
    public static let renderer = "p2pmsg-renderer"
    public static let client = "p2pmsg"

    /// `P2PMSG_BIN` if set, else the folder of the running test bundle, where SwiftPM puts every product.
    public static var directory: String {
        if let named = ProcessInfo.processInfo.environment["P2PMSG_BIN"], !named.isEmpty { return named }
        let running = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return ((running ?? CommandLine.arguments[0]) as NSString).deletingLastPathComponent
    }

    /// The path of one of our programs, or a ``SystemError`` that says where it was looked for. A path stays what it is.
    public static func path(_ name: String) throws -> String {
        let path = name.hasPrefix("/") ? name : directory + "/" + name
        guard access(path, X_OK) == 0 else { throw SystemError("no program \(path); build it first") }
        return path
    }

    /// The path of a program that the system has, or a ``SystemError`` that names it. `Tests/run` installs those.
    public static func installed(_ name: String) throws -> String {
        let places = ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/"].map { $0 + name }
        guard let found = places.first(where: { access($0, X_OK) == 0 }) else { throw SystemError(name) }
        return found
    }

    /// The package's root, found from where this file was compiled.
    public static let packageRoot: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()
}
