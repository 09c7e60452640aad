import Bus
import Messages
import ReceiverStore
import Synchronization

/// How the store stands to authors, remembered for a while: some are asked about with each message.
final class Standings: Sendable {
    typealias Reading = @Sendable ([PublicKey]) async throws(StoreError) -> [PublicKey: Standing]
    /// Keeps a rule of which nothing newer is known.
    typealias Telling = @Sendable (Rule) async throws(StoreError) -> Void

    /// In two parts, the older of which is forgotten when the newer one is full or old.
    private struct Memory {
        var new: [PublicKey: Standing] = [:]
        var old: [PublicKey: Standing] = [:]
        var since: ContinuousClock.Instant
        /// Those who are being made known.
        var making: Set<PublicKey> = []

        mutating func turn(_ now: ContinuousClock.Instant) {
            let age = since.duration(to: now)
            guard age >= Limits.standingTime || new.count >= Limits.standings else { return }
            old = age >= Limits.standingTime * 2 ? [:] : new
            new = [:]
            since = now
        }

        subscript(key: PublicKey) -> Standing? { new[key] ?? old[key] }
    }

    private let memory: Mutex<Memory>
    private let read: Reading
    private let tell: Telling
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        read: @escaping Reading, tell: @escaping Telling,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        memory = Mutex(Memory(since: now()))
        self.read = read
        self.tell = tell
        self.now = now
    }

    /// What is remembered, without asking the store.
    func remembered(_ key: PublicKey) -> Standing? {
        memory.withLock { memory in
            memory.turn(now())
            return memory[key]
        }
    }

    /// - Returns: one for each key. While the store cannot be read nobody is a stranger: nothing can be stored then either.
    func of(_ keys: Set<PublicKey>) async -> [PublicKey: Standing] {
        var found = memory.withLock { memory in
            memory.turn(now())
            return keys.reduce(into: [:]) { $0[$1] = memory[$1] }
        }
        let missing = keys.filter { found[$0] == nil }
        guard !missing.isEmpty else { return found }
        do throws(StoreError) {
            let news = try await read(Array(missing))
            memory.withLock { memory in
                for (key, standing) in news { memory.new[key] = standing }
            }
            found.merge(news) { $1 }
        } catch {}
        for key in missing where found[key] == nil { found[key] = .settled }
        return found
    }

    /// A message that this author has written on this node's command line was stored: the author is known from now on.
    ///
    /// The rule has no time, so that it is the same in all stores of the node, and any word of the operator's is newer.
    func met(_ key: PublicKey) {
        let isNew = memory.withLock { memory in
            memory.turn(now())
            guard memory[key] != .known, memory.making.count < Limits.makingKnown else { return false }
            return memory.making.insert(key).inserted
        }
        guard isNew else { return }
        Task {
            // What fails is tried with the author's next message.
            let isDone = (try? await tell(Rule(subject: .known(key), isActive: true, at: 0))) != nil
            memory.withLock { memory in
                memory.making.remove(key)
                if isDone { memory.new[key] = .known }
            }
        }
    }
}
