import HTTPTypes

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
