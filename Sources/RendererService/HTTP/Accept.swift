import HTTPTypes

/// What a client takes, as its `Accept` says (RFC 9110, section 12.5.1).
struct Accept: Sendable {
    /// A media range, its parameters apart from the weight dropped: what is served here has none that matter.
    private struct Range {
        let type: String
        let subtype: String
        /// Thousandths; 0: not taken.
        let weight: Int
    }

    private let ranges: [Range]

    /// - Parameter headers: without `Accept` everything is taken.
    init(_ headers: HTTPFields) {
        ranges = headers[values: .accept].flatMap { $0.split(separator: ",") }.compactMap(Accept.range)
    }

    private static func range(_ text: Substring) -> Range? {
        let parts = text.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        guard let names = parts.first?.split(separator: "/", omittingEmptySubsequences: false), names.count == 2,
            !names[0].isEmpty, !names[1].isEmpty
        else { return nil }
        let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Accept.weight($0.dropFirst(2)) } ?? 1000
        return Range(type: String(names[0]), subtype: String(names[1]), weight: weight)
    }

    /// `0.8`; what is no weight counts as the greatest.
    private static func weight(_ text: Substring) -> Int {
        guard let number = Double(text), number >= 0 else { return 1000 }
        return Int((min(number, 1) * 1000).rounded())
    }

    /// - Parameter types: what there is, the one that people want first.
    /// - Returns: the one that the client prefers: by its weight, then the one that it names most exactly, then first. Nil
    ///   where it takes none of them.
    func best(of types: [String]) -> String? {
        guard !ranges.isEmpty else { return types.first }
        var best: (type: String, rank: [Int])?
        for type in types {
            guard let match = match(type), match.weight > 0 else { continue }
            let rank = [match.weight, match.precision, -match.place]
            if best.map({ $0.rank.lexicographicallyPrecedes(rank) }) ?? true { best = (type, rank) }
        }
        return best?.type
    }

    /// The most exact range that holds for a type.
    private func match(_ type: String) -> (weight: Int, precision: Int, place: Int)? {
        let names = type.split(separator: "/")
        var found: (weight: Int, precision: Int, place: Int)?
        for (place, range) in ranges.enumerated() {
            let precision: Int
            switch (range.type, range.subtype) {
            case (String(names[0]), String(names[1])): precision = 2
            case (String(names[0]), "*"): precision = 1
            case ("*", "*"): precision = 0
            default: continue
            }
            if found.map({ $0.precision < precision }) ?? true { found = (range.weight, precision, place) }
        }
        return found
    }
}
