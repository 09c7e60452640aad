import Bus
import ServiceRuntime

/// Every limit of the renderer, with its unit and its reason.
enum Limits {
    // Pages.

    /// Messages on one page of the wall: a minute's reading, and under 60 kB of HTML.
    static let pageMessages: UInt32 = 50
    /// Messages in one answer of the API when the caller does not say how many.
    static let defaultAPIMessages: UInt32 = 50
    /// The most messages in one answer of the API: what one answer on the bus carries.
    static let greatestAPIMessages = UInt32(BusLimits.pageRows)
    /// Milliseconds between writing and first sight above which a message is marked as late. Clocks that are set by hand
    /// and a mesh that retries stay below it.
    static let lateMilliseconds: Int64 = 10 * 60 * 1000
    /// Milliseconds by which an author's clock may be ahead of the arrival without a word: clocks of people are set by hand.
    static let aheadMilliseconds: Int64 = 60 * 1000
    /// Letters in a line of a message on a wide screen.
    static let columnLetters = 64
    /// Lines that a message takes on a list without being folded: what 1,400 bytes of plain text take. The page's style shows
    /// 16 of more.
    static let unfoldedLines = 24
    /// Rendered messages that are kept, for pages and for feeds: ten pages. They are made again where they are missing.
    static let fragments = 512
    /// Characters (Unicode scalars) of a message that make its title in a feed: what readers show on a line.
    static let feedTitle = 80
    /// Bytes of one link inside a text: what fits a telex, so that no link of a message is cut.
    static let linkBytes = 1400

    // Requests.

    /// Bytes of a request's body: a message as JSON is under 4 kB, a form of the longest text under 12 kB.
    static let bodyBytes = 64 * 1024
    /// Seconds in which a body must have come; slow writers are cut.
    static let bodySeconds: Int64 = 10
    /// Bytes of one header and of all headers of a request. Browsers stay under 8 kB without cookies.
    static let headerBytes = 16 * 1024
    /// Header fields of a request.
    static let headerFields = 100
    /// Bytes of the request target: a path, a cursor and a key are under 400.
    static let targetBytes = 4096
    /// Fields of a form or a query.
    static let formFields = 32
    /// Seconds that a connection may be silent between requests, or with an unfinished one.
    static let idleSeconds: Int64 = 60
    /// Seconds after which a reader that takes nothing is cut.
    static let stallSeconds: Int64 = 30
    /// Seconds between an answer that ends the connection and its end, so that the answer gets through.
    static let lingerSeconds: Int64 = 2
    /// Seconds from the first byte of a request to the end of its head. Browsers send it at once.
    static let headSeconds: Int64 = 10
    /// Requests of one connection that wait for their answers: more than any client sends before it reads. Each is tasks and
    /// buffers, and thousands fit into one read.
    static let unanswered = 16
    /// Open connections: all streams and as many visitors again. Fewer where the process may not have so many open files.
    static let connections = 2 * streams
    /// Open connections of one place, of which those that wait for a request give way: a school behind one address, in which
    /// each browser has six.
    static let visitorConnections = 256
    /// Open connections of one site of IPv6 (a /48), in which a household has up to 256 networks, and a company 65,536.
    static let siteConnections = 4 * visitorConnections
    /// Connections of a browser to one site: a place with no more is not the one that has most.
    static let browserConnections = 6
    /// Bodies that one visitor, by address, may be sending: forms come at once, and many people may be behind one address.
    static let visitorBodies = 16
    /// Files that are kept free for the bus, logs and `--ops`.
    static let otherFiles = 128
    /// Connections that have given way and are not closed yet.
    static let closingConnections = 64
    /// Connections that wait for a place, in the system's queue.
    static let connectionBacklog = 512
    /// Messages that one visitor may write, by address and by key: a lively talk, and no flood.
    static let visitorRate = Rate(perSecond: 0.2, burst: 30)
    /// So many times that for one site of IPv6 (a /48), in which there are up to 65,536 networks.
    static let siteRates = 4.0
    /// The same for all visitors together, half of what a store takes of them while they are strangers: the other half is for
    /// those who wrote none of it in the last minute.
    static let visitorsRate = Rate(perSecond: 50, burst: 250)
    static let seldomRate = Rate(perSecond: 1.0 / 60, burst: 1)
    /// The same for all programs on this machine together: an archive may be posted at once.
    static let localRate = Rate(perSecond: 20, burst: 4_000)
    /// Reads that one visitor, by address (IPv6: /48), may have under way beside searches and streams: fewer than a receiver
    /// answers at a time. So many more wait: one for each connection that an address may have, so that nobody behind a carrier's
    /// NAT is refused because of others there.
    static let visitorReads = 3
    static let waitingReads = 256
    /// Messages that are rendered for one visitor, by address (IPv6: /48), because they are not kept, as the newest are: two
    /// pages of old ones a second, sixty at once. Each takes about 0.3 ms.
    static let renderedRate = Rate(perSecond: 100, burst: 3_000)
    /// Milliseconds for which what has come to the newest page is not counted: it is rendered once, for all who read it, and a
    /// busy wall is not to cost its readers the page.
    static let freshMilliseconds: Int64 = 60_000
    /// Messages listed as JSON that count as one of these, those that were asked for and not there included.
    static let listedToARendered = 5
    /// Searches of one visitor, by address: faster than anybody reads what is found.
    static let searchRate = Rate(perSecond: 1, burst: 30)
    /// Searches that one visitor, by address (IPv6: /48), may have under way: a store does one after the other.
    static let visitorSearches = 2
    /// Searches that all visitors may have under way together: what a store answers in the time that people wait.
    static let searches = 8
    /// Searches of one visitor, by address (IPv6: /48), while half of these are under way: one now and then.
    static let searchRateOfLastPlaces = Rate(perSecond: 1.0 / 60, burst: 1)
    /// Answers whose last change is remembered: about 250 kB.
    static let rememberedChanges = 4096
    /// Addresses, and keys, whose rates are remembered: about 2 MB.
    static let rememberedVisitors = 16_384
    /// Lines of the log about requests that were refused, of all visitors together: enough to see what goes on.
    static let noticeRate = Rate(perSecond: 1.0 / 60, burst: 10)
    /// Characters (Unicode scalars) of a header's value that are told again, to the visitor and in the log.
    static let toldScalars = 200
    /// Proxies that one warning each is logged for.
    static let warnedProxies = 16

    /// Upper bounds, in nanoseconds, of the classes in which the time of requests is counted: from what is answered from
    /// memory to the longest wait for a store.
    static let requestBounds: [UInt64] = [1, 5, 10, 25, 50, 100, 250, 1_000, 5_000].map { $0 * 1_000_000 }

    // The node.

    /// Seconds that a publisher waits for a store's commit. People wait no longer for a page.
    static let publishSeconds: Int64 = 5
    /// Seconds that `/readyz` waits for the router.
    static let readinessSeconds: Int64 = 1
    /// What `Retry-After` says in seconds: a receiver is back in about that time.
    static let retryAfterSeconds = 5

    // Live events.

    /// Open event streams: what one process serves without being felt by those who read pages.
    static let streams = 2500
    /// Open event streams of one visitor, by address: a browser has one for all of its pages.
    static let visitorStreams = 128
    /// The same of one site of IPv6 (a /48).
    static let siteStreams = 4 * visitorStreams
    /// The same of all visitors together whose address proxies do not give: half of all, so that they leave room for the others.
    static let unnamedStreams = streams / 2
    /// Events that wait for one stream; one that has more is too slow and is dropped.
    static let streamEvents = 256
    /// The newest messages of the feed that are remembered, for streams that come back to a store that has not all of them:
    /// under 1 MB.
    static let recentMessages = 300
    /// Messages that are read from a store for one stream that comes back: six pages. With more it is told to load one.
    static let catchUpMessages: UInt64 = 300
    /// Messages that one visitor, by address, may be sent in this way: fifty readers who missed thirty each, and then
    /// twice as many a second as are told live. Who has had more is told to load the page.
    static let missedRate = Rate(perSecond: 20, burst: 1_500)
    /// Messages a second that streams are given one by one: more than anybody reads. Of more than that streams are told
    /// how many there are; a message takes up to 6 kB, and the number 150 bytes.
    static let liveRate = Rate(perSecond: 10, burst: 100)
    /// Seconds between two of these numbers.
    static let countSeconds: Int64 = 1
    /// Messages and authors taken off the wall, the newest of them, that streams which come back are told of, and of which
    /// nothing that waits for a slow reader is sent any more: more than an operator hides while a page is away, and twice what
    /// a slow stream may hold.
    static let withdrawn = 1024
    /// Of these, how many count as one message for ``missedRate``: as many bytes.
    static let hiddenToAMessage = 30
    /// How long the numbers and notices of a store count that stands still: a reader who looks twice sees what changed.
    static let summaryAge = Duration.seconds(5)
    /// Seconds between two comments that keep proxies from closing a silent stream.
    static let pingSeconds: Int64 = 15
    /// Milliseconds after which a browser connects again.
    static let reconnectMilliseconds = 500...2500
}
