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
        let ranked = types.enumerated().compactMap { index, type -> (type: String, rank: [Int])? in
            guard let (range, precision, place) = match(type), range.weight > 0 else { return nil }
            return (type, [range.weight, precision, -place, -index])
        }
        return ranked.max { $0.rank.lexicographicallyPrecedes($1.rank) }?.type
    }

    /// The most exact range that holds for a type, the first of several.
    private func match(_ type: String) -> (range: Range, precision: Int, place: Int)? {
        let names = type.split(separator: "/").map(String.init)
        let matches = ranges.enumerated().compactMap { place, range -> (range: Range, precision: Int, place: Int)? in
            switch (range.type, range.subtype) {
            case (names[0], names[1]): (range, 2, place)
            case (names[0], "*"): (range, 1, place)
            case ("*", "*"): (range, 0, place)
            default: nil
            }
        }
        return matches.max { ($0.precision, -$0.place) < ($1.precision, -$1.place) }
    }
}
