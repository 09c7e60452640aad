import Foundation
import TestSupport

extension Benchmark {
    /// What a release of the programs without Foundation's tables of languages takes on a disk: one import, or one call of
    /// a method that only Foundation has, brings 35 MB of them.
    static let size = Benchmark(name: "size") {
        try [Binaries.router, Binaries.client].map { program in
            let megabytes = Double(try strippedBytes(of: program)) / 1e6
            return Figure(
                what: "size of \(program), stripped", goal: "≤ 30 MB", measured: "\(megabytes.short) MB",
                isMet: megabytes <= 30, how: "linked with a static standard library")
        }
    }

    private static func strippedBytes(of program: String) throws -> Int {
        let copy = FileManager.default.temporaryDirectory.appending(path: "p2pmsg-size-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        let strip = Process()
        strip.executableURL = URL(filePath: "/usr/bin/env")
        strip.arguments = ["strip", "-o", copy.path, try Binaries.path(program)]
        try strip.run()
        strip.waitUntilExit()
        guard strip.terminationStatus == 0 else { throw NotInTime("strip failed; it is in the package binutils") }
        return try copy.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    }
}
