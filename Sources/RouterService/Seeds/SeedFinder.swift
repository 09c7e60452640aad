import Glibc
import ServiceRuntime
import Synchronization
import Telehash
import TelehashWire
import ZeroMQ

/// Looks the names of seeds up, on threads of their own: the system may take half a minute over a name, and nothing waits
/// for it.
final class SeedFinder: Sendable {
    /// Looks a name up; may block for as long as it likes.
    typealias Resolver = @Sendable (_ host: String) -> SeedBook.Answer

    private let book: Mutex<SeedBook>
    private let resolver: Resolver
    private let notify: @Sendable (SeedBook.Note) -> Void

    /// - Parameter notify: told what an operator must know; called on any thread.
    init(_ book: SeedBook, resolver: @escaping Resolver, notify: @escaping @Sendable (SeedBook.Note) -> Void) {
        self.book = Mutex(book)
        self.resolver = resolver
        self.notify = notify
    }

    /// What the seeds stand for now.
    var addresses: SeedAddresses { book.withLock { $0.addresses } }

    /// Begins the look-ups that are due. Never blocks.
    ///
    /// - Parameters:
    ///   - isAlone: whether no other node answers.
    ///   - onChange: gets what the seeds stand for when a look-up is over.
    func look(isAlone: Bool, onChange: @escaping @Sendable (SeedAddresses) -> Void) {
        let now = Instant.now
        for seed in book.withLock({ $0.due(isAlone: isAlone, now: now) }) {
            do throws(ZeroMQError) {
                try NativeThread.detach("seeds") { [self] in
                    finish(seed, resolver(seed.host), began: now, onChange: onChange)
                }
            } catch {
                finish(seed, .unknown(why: error.message), began: now, onChange: onChange)
            }
        }
    }

    private func finish(
        _ seed: SeedAddress, _ answer: SeedBook.Answer, began: Instant,
        onChange: @Sendable (SeedAddresses) -> Void
    ) {
        let (before, after, note) = book.withLock { book in
            let before = book.addresses
            let note = book.didLookUp(seed, answer, began: began, now: .now)
            return (before, book.addresses, note)
        }
        if after != before { onChange(after) }
        if let note { notify(note) }
    }

    /// The network is another one: all names are looked up at the next look.
    func hurry() { book.withLock { $0.hurry(now: .now) } }
}

extension SeedBook.Answer {
    /// What the system knows of a name: hosts files, name servers, whatever else it was told to ask.
    @Sendable static func ofSystem(_ host: String) -> SeedBook.Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = CInt(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            return .unknown(
                why: code == EAI_SYSTEM ? String(cString: strerror(errno)) : String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        let addresses = sequence(state: list) { next in
            defer { next = next?.pointee.ai_next }
            return next?.pointee
        }.compactMap { (entry: addrinfo) -> Endpoint.Address? in
            Endpoint.Address(entry.ai_addr)
        }
        return .addresses(addresses)
    }
}
