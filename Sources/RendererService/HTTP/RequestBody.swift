import Hummingbird
import NIOCore

extension Request {
    /// The whole body, at most ``Limits/bodyBytes`` of it, within ``Limits/bodySeconds``.
    /// - Throws: ``Problem``; the connection's errors.
    func wholeBody(_ context: SiteContext) async throws -> [UInt8] {
        guard headers[.contentEncoding].map({ $0.lowercased() == "identity" }) ?? true else { throw Problem.packedBody }
        if let text = headers[.contentLength], let length = Int(text), length > Limits.bodyBytes {
            throw Problem.bodyTooLong
        }
        context.wantBody()
        let body = body
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask {
                var bytes: [UInt8] = []
                for try await chunk in body {
                    guard bytes.count + chunk.readableBytes <= Limits.bodyBytes else { throw Problem.bodyTooLong }
                    bytes.append(contentsOf: chunk.readableBytesView)
                }
                return bytes
            }
            group.addTask {
                try await Task.sleep(for: .seconds(Limits.bodySeconds))
                throw Problem.bodyTooSlow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }
}
