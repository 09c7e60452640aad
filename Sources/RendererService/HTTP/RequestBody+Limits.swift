import Hummingbird
import NIOCore

/// Why a body was not read.
enum BodyFailure: Error, Hashable {
    case tooLong
    case tooSlow
    /// With a coding that is not taken off here.
    case packed
}

extension Request {
    /// The whole body, at most ``Limits/bodyBytes`` of it, within ``Limits/bodySeconds``.
    /// - Throws: ``BodyFailure``; the connection's errors.
    func wholeBody(_ context: SiteContext) async throws -> [UInt8] {
        guard headers[.contentEncoding].map({ $0.lowercased() == "identity" }) ?? true else { throw BodyFailure.packed }
        if let text = headers[.contentLength], let length = Int(text), length > Limits.bodyBytes {
            throw BodyFailure.tooLong
        }
        context.wantBody()
        let body = body
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask {
                var bytes: [UInt8] = []
                for try await chunk in body {
                    guard bytes.count + chunk.readableBytes <= Limits.bodyBytes else { throw BodyFailure.tooLong }
                    bytes.append(contentsOf: chunk.readableBytesView)
                }
                return bytes
            }
            group.addTask {
                try await Task.sleep(for: .seconds(Limits.bodySeconds))
                throw BodyFailure.tooSlow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }
}
