import Dispatch
import Glibc
import ServiceRuntime

/// Reads standard input without holding a thread of the tasks.
struct StandardInput: Sendable {
    private static let queue = DispatchQueue(label: "p2pmsg.input")

    /// The next bytes; empty at the end.
    static func chunk() async throws(FailureReport) -> [UInt8] { try await chunk(of: STDIN_FILENO) }

    /// The next bytes of any open file; empty at the end.
    static func chunk(of descriptor: Int32) async throws(FailureReport) -> [UInt8] {
        let result: Result<[UInt8], FailureReport> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: read(descriptor)) }
        }
        return try result.get()
    }

    /// Everything, or only the length if it is more than `limit` bytes.
    static func all(limit: Int) async throws(FailureReport) -> LineSplitter.Line {
        var bytes: [UInt8] = []
        var length = 0
        while true {
            let chunk = try await chunk()
            if chunk.isEmpty { return length <= limit ? .bytes(bytes) : .tooLong(bytes: length) }
            length += chunk.count
            bytes += chunk.prefix(max(0, limit - bytes.count))
        }
    }

    /// Everything; for keys and messages as JSON.
    static func document(_ what: String) async throws(FailureReport) -> [UInt8] {
        guard case .bytes(let bytes) = try await all(limit: Limits.documentBytes) else {
            throw FailureReport("\(what) on standard input is longer than \(Limits.documentBytes) bytes")
        }
        return TextDecoder.utf8(bytes)
    }

    private static func read(_ descriptor: Int32) -> Result<[UInt8], FailureReport> {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: Limits.inputChunkBytes) { space, filled in
                count = Glibc.read(descriptor, space.baseAddress, space.count)
                filled = max(0, count)
            }
            if count >= 0 { return .success(bytes) }
            guard errno == EINTR else {
                return .failure(FailureReport("cannot read the input: \(describe(errno: errno))"))
            }
        }
    }
}
