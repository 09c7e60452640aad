import HTTPTypes
import Hummingbird
import Synchronization

/// A short name for content, for cache validators and asset addresses (FNV-1a, 64 bits, then mixed). Not for secrets:
/// whoever wants two contents with one fingerprint can make them.
struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    let value: UInt64

    init(_ bytes: some Sequence<UInt8>) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        // The finalizer of SplitMix64: FNV alone leaves the high bits of short inputs alike.
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        value = hash ^ (hash >> 31)
    }

    /// 16 hex digits.
    var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// The `ETag` of a page: what was asked, of which build, and where the store stood. Weak, because a proxy may compress.
struct Validator: Hashable, Sendable, CustomStringConvertible {
    /// What was asked: the same in every state.
    let resource: Fingerprint
    /// What stands between the quotation marks.
    let opaque: String

    /// - Parameters:
    ///   - resource: what was asked, and of which build.
    ///   - state: what may change while this program runs.
    init(_ resource: [String], state: String = "") {
        self.resource = Fingerprint(resource.joined(separator: "\n").utf8)
        opaque = Fingerprint((resource + [state]).joined(separator: "\n").utf8).description
    }

    var description: String { "W/\"\(opaque)\"" }
}

/// What the visitor says to have already, before a read is answered (RFC 9110, section 13.2.2).
enum Preconditions {
    enum Verdict: Hashable, Sendable {
        case proceed
        case notModified
        /// The visitor wants an answer only if nothing has changed, and something has.
        case failed
    }

    /// - Parameters:
    ///   - tag: of what would be answered.
    ///   - changed: since when it is so, in milliseconds since 1970; nil where that is not known.
    static func check(_ headers: HTTPFields, tag: Validator, changed: Int64?) -> Verdict {
        let wanted = headers[values: .ifMatch]
        if !wanted.isEmpty {
            // Our tags are weak, and here the strong comparison counts: none of them is the same as another.
            guard EntityTags(wanted).isAny else { return .failed }
        } else if let changed, let known = date(headers, .ifUnmodifiedSince), changed > known {
            return .failed
        }
        let had = headers[values: .ifNoneMatch]
        if !had.isEmpty {
            let tags = EntityTags(had)
            return tags.isAny || tags.opaque.contains(tag.opaque) ? .notModified : .proceed
        }
        guard let changed, let known = date(headers, .ifModifiedSince), changed <= known else { return .proceed }
        return .notModified
    }

    /// - Returns: nil where the field is there twice, or is no date: then it does not count.
    private static func date(_ headers: HTTPFields, _ name: HTTPField.Name) -> Int64? {
        let values = headers[values: name]
        return values.count == 1 ? HTTPDate.milliseconds(values[0]) : nil
    }
}

/// A list of entity tags (RFC 9110, section 8.8.3).
struct EntityTags: Hashable, Sendable {
    /// `*`: whatever there is.
    private(set) var isAny = false
    /// What stands between the quotation marks of each, weak ones like strong ones.
    private(set) var opaque: [String] = []

    /// - Parameter values: of the header's fields. What is no tag is skipped.
    init(_ values: [String]) {
        for value in values {
            if value.filter({ $0 != " " && $0 != "\t" }) == "*" { isAny = true }
            var rest = value[...]
            // A tag may hold commas; what stands between two quotation marks is one.
            while let start = rest.firstIndex(of: "\"") {
                rest = rest[rest.index(after: start)...]
                guard let end = rest.firstIndex(of: "\"") else { break }
                opaque.append(String(rest[..<end]))
                rest = rest[rest.index(after: end)...]
            }
        }
    }
}

/// Since when each answer is what it is: `Last-Modified` (RFC 9110, section 8.8.2), for readers that know no `ETag`.
///
/// The times of the messages alone would not tell that one was hidden, or that an author is called otherwise.
final class Changes: Sendable {
    private struct Answer {
        let state: Fingerprint
        let second: Int64
    }

    private struct Known {
        var answers: [Fingerprint: Answer] = [:]
        /// Nothing that is not among the answers was ever said to be as new as this.
        var floor: Int64
    }

    private let capacity: Int
    private let known: Mutex<Known>

    /// - Parameters:
    ///   - start: when this program began, in seconds since 1970. What one before it said is older.
    ///   - capacity: answers that are remembered, 1 or more. When there are more, all are forgotten, and each is sent
    ///     whole once more.
    init(since start: Int64, capacity: Int = Limits.rememberedChanges) {
        self.capacity = capacity
        known = Mutex(Known(floor: start))
    }

    /// - Parameters:
    ///   - tag: of the answer as it is now.
    ///   - newest: when the newest of what it shows came here, in seconds since 1970.
    /// - Returns: when it became so, in seconds since 1970: later than what was ever returned for another state of it,
    ///   and therefore at times a little after now.
    func second(of tag: Validator, newest: Int64) -> Int64 {
        let state = Fingerprint(tag.description.utf8)
        return known.withLock { known in
            let before = known.answers[tag.resource]
            if let before, before.state == state { return before.second }
            if before == nil, known.answers.count >= capacity {
                known.floor = known.answers.values.reduce(known.floor) { max($0, $1.second + 1) }
                known.answers = [:]
            }
            let second = max(newest, before.map { $0.second + 1 } ?? known.floor)
            known.answers[tag.resource] = Answer(state: state, second: second)
            return second
        }
    }
}

/// What the visitor has already is not sent again (RFC 9110, section 13).
extension Site {
    /// - Parameters:
    ///   - newest: when the newest of what is answered came here, in milliseconds since 1970.
    ///   - vary: whether `Accept` decides what is answered.
    /// - Throws: 412.
    func conditional(
        _ request: Request, _ tag: Validator, newest: Int64? = nil, vary: Bool = false,
        _ make: () async throws -> Response
    ) async throws -> Response {
        // What came in this second may not be all that comes in it.
        let second = changes.second(of: tag, newest: (newest ?? 0) / 1000)
        let changed = second < now() / 1000 ? second * 1000 : nil
        var response: Response
        switch Preconditions.check(request.headers, tag: tag, changed: changed) {
        case .proceed: response = try await make()
        case .notModified: response = Response(status: .notModified, headers: [.cacheControl: "no-cache"])
        case .failed: throw Problem.preconditionFailed
        }
        response.headers[.eTag] = tag.description
        if let changed { response.headers[.lastModified] = HTTPDate.text(changed) }
        if vary { response.headers[.vary] = "Accept" }
        return response
    }
}
