/// What a receiver says of a message of the mesh that is more than it takes.
extension Refusal {
    package static let rateLimited = Refusal(
        code: "rate_limited", text: "too many messages of this author; try again later")

    /// Nobody has looked at the signature.
    package static let sourceRateLimited = Refusal(
        code: "source_rate_limited", text: "too many messages from this peer; try again later")

    package static let strangerRateLimited = Refusal(
        code: "stranger_rate_limited", text: "too many messages of this author, who is new here; try again later")

    package static let strangersRateLimited = Refusal(
        code: "strangers_rate_limited", text: "too many messages of authors who are new here; try again later")

    /// Whether the same message may be taken a while later.
    package var isAboutRates: Bool { Self.ratesExceeded.contains(code) }

    private static let ratesExceeded: Set = [
        rateLimited.code, sourceRateLimited.code, strangerRateLimited.code, strangersRateLimited.code,
    ]
}
