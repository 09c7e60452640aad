import Foundation

/// The golden data: what the programs of 2011 computed and sent, recorded once.
public enum Vectors {
    /// One datagram of a recorded session.
    public struct Datagram: Sendable, Hashable {
        /// Seconds since the recording began.
        public let time: Double
        public let from: String
        public let to: String
        public let raw: String

        public var bytes: [UInt8] { Array(raw.utf8) }
    }

    public static let transcriptNames = [
        "node-node", "node-perl-perlseed", "p2pmsg-nodeseed", "perl-perl", "wall-watch",
    ]

    /// Recorded later, beside the first release of ours: what went wrong there.
    public static let laterTranscriptNames = [
        "burst-150", "message-js", "mnaamani", "outage-95s", "seed-restart-original", "silent-host-original",
        "silent-host-ours", "silent-host-stranger",
    ]

    /// The directory: `P2PMSG_VECTORS` if that is set, else the shared one beside the package, else the copy in it.
    public static let directory: URL = {
        if let named = ProcessInfo.processInfo.environment["P2PMSG_VECTORS"] { return URL(filePath: named) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared = root.appending(path: "../shared/vectors").standardizedFileURL
        let exists = FileManager.default.fileExists(atPath: shared.appending(path: "distances.json").path)
        return exists ? shared : root.appending(path: "Tests/Vectors")
    }()

    /// The content of a file, by its path below ``directory``.
    public static func data(_ path: String) throws -> Data {
        try Data(contentsOf: directory.appending(path: path))
    }

    public static func text(_ path: String) throws -> String {
        String(decoding: try data(path), as: UTF8.self)
    }

    public static func json(_ path: String) throws -> JSON {
        try JSON(parsing: text(path))
    }

    /// Every datagram of a session, by the name of its file without `.jsonl` or `.jsonl.gz`.
    public static func transcript(_ name: String) throws -> [Datagram] {
        try lines("transcripts/\(name).jsonl").split(separator: "\n").map { line in
            let record = try JSON(parsing: line)
            return Datagram(
                time: record["t"].number ?? 0, from: record["from"].string ?? "", to: record["to"].string ?? "",
                raw: record["raw"].string ?? "")
        }
    }

    /// The text of a file, which may be there only as gzip packed it.
    private static func lines(_ path: String) throws -> String {
        let packed = directory.appending(path: path + ".gz").path
        guard FileManager.default.fileExists(atPath: packed) else { return try text(path) }
        let gzip = Process()
        let output = Pipe()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", packed]
        gzip.standardOutput = output
        try gzip.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        gzip.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
