import Synchronization

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
