import Hummingbird
import NIOCore

extension Site {
    /// The whole body of a request, in the visitor's share of those that are coming.
    ///
    /// - Throws: what ``Request/wholeBody(_:)`` throws; 429.
    func body(of request: Request, _ context: SiteContext) async throws -> [UInt8] {
        let share: Shares<[UInt8]>.Share?
        do throws(Problem) {
            share = try limits.admitBody(of: proxies.visitor(of: request, from: context.peer))
        } catch {
            counters.add("sends_refused_rate")
            throw error
        }
        defer { withExtendedLifetime(share) {} }
        return try await request.wholeBody(context)
    }
}

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
