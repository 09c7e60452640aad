import Bus
import TestSupport
import Testing

@testable import ClientCLI

@Suite struct StatusTextTests {
    /// What a router tells that knows only the keys of the contract.
    private let old = StatusReport(
        router: .init(id: "ab", address: "1.2.3.4:5", version: "0.1.0", uptimeSeconds: 65, bus: "ipc:///b"),
        lines: .init(proven: 2, ringing: 1), buckets: [.init(distance: 159, switches: 3)],
        taps: .init(ours: 1, theirs: 4),
        stores: [.init(store: "s", receivers: 2, waiting: 0, acked: 9)],
        counters: ["telexes_received": 5, "line_wrong": 2, "request_rate": 0])

    private var busy: StatusReport {
        let store = "0f8fad5b-d9cb-469f-a165-70867728950e"
        var report = StatusReport(
            router: .init(
                id: String(repeating: "8bf1", count: 10), address: "198.51.100.7:42424", version: "0.1.0",
                uptimeSeconds: 90_000, bus: "ipc:///run/p2pmsg/router.ipc"),
            lines: .init(proven: 23, ringing: 3, closed: 1),
            buckets: [
                .init(distance: 150, switches: 1), .init(distance: 157, switches: 5), .init(distance: 159, switches: 8),
            ],
            taps: .init(ours: 1, theirs: 14),
            stores: [.init(store: store, receivers: 1, waiting: 3, acked: 0, messages: 1_204)],
            counters: ["bus_dead_letters_kept": 2])
        report.mesh = .init(
            switches: 14, queued: 5, lookups: 120, answered: 119, meanMilliseconds: 84.2, meanHops: 2.1,
            meanQuestions: 6)
        report.rates = .init(seconds: 10, telexesIn: 12.3, telexesOut: 8, bytesIn: 4_210, bytesOut: 900.4)
        report.budgets = [
            .init(name: "dials", left: 20, limit: 20, perSecond: 10),
            .init(name: "stranger_signals", left: 0, limit: 4_000, perSecond: 1_000),
        ]
        report.tables = [
            .init(name: "proven_lines", count: 23, limit: 16_384),
            .init(name: "ringing_lines", count: 4_000, limit: 4_096),
        ]
        report.drops = [
            "line_wrong": 12, "stranger_signal_rate": 30_112, "dial_rate": 12, "hop_of_the_future": 1, "echo": 0,
        ]
        return report
    }

    @Test func noticesOfReceivers_areShown_inTextAndJSON() throws {
        var report = old
        report.notices = [.init(store: "s", code: "clock_behind", text: "is this clock right?")]
        #expect(StatusText.lines(report).contains("\nwarning "))
        #expect(StatusText.lines(report).contains("  is this clock right?\n"))
        let notice = #"{"code":"clock_behind","store":"s","text":"is this clock right?"}"#
        #expect(try StatusText.json(report).contains("\"notices\":[\(notice)]"))
        #expect(try !StatusText.json(old).contains("notices"))
    }

    @Test func oneOfAThing_isNotSeveral() {
        var report = old
        report.mesh = .init(
            switches: 1, queued: 1, lookups: 1, answered: 1, meanMilliseconds: 3, meanHops: 1, meanQuestions: 1)
        #expect(StatusText.lines(report).contains(" on average 3 ms, 1 question, 1 hop\n"))
        report.mesh?.meanHops = 1.5
        #expect(StatusText.lines(report).contains(" 1 question, 1.5 hops\n"))
    }

    @Test func busyRouter_isShownOnOneScreen() {
        let expected = """
            router      198.51.100.7:42424
            id          8bf18bf18bf18bf18bf18bf18bf18bf18bf18bf1
            version     0.1.0
            up          1 d 1 h
            bus         ipc:///run/p2pmsg/router.ipc
            lines       23 proven, 3 ringing, 1 window closed (those peers have to report first)
            taps        1 ours, 14 theirs
            traffic     in 4.2 kB/s, 12.3 telexes/s; out 900 B/s, 8 telexes/s
            lookups     120, 99.2 % answered; on average 84.2 ms, 6 questions, 2.1 hops
            waiting     5 signals for windows to open
            switches    14
            bucket 159    8  ########
            bucket 157    5  #####
            bucket 150    1  #
            store       0f8fad5b-d9cb-469f-a165-70867728950e  1 receiver, 3 waiting, 1204 messages
            dead        2 messages that no receiver could take; see p2pmsg dead
            budget      dials: 20 of 20 left, 10 a second
                        stranger signals: 0 of 4000 left, 1000 a second
            filling     ringing lines: 4000 of 4096
            dropped     30112  signals of strangers beyond their rate
                           12  dials put off: over the rate
                           12  wrong _line
                            1  hop of the future

            """
        #expect(StatusText.lines(busy) == expected)
    }

    @Test func olderRouter_isShownAsFarAsItTells() {
        let expected = """
            router      1.2.3.4:5
            id          ab
            version     0.1.0
            up          1 min 5 s
            bus         ipc:///b
            lines       2 proven, 1 ringing
            taps        1 ours, 4 theirs
            bucket 159    3  ###
            store       s  2 receivers, 0 waiting, 9 stored since it began
            dropped     2  wrong _line

            """
        #expect(StatusText.lines(old) == expected)
    }

    @Test func nodeThatIsAlone_saysSo() {
        var alone = old
        alone.router.id = ""
        alone.router.address = ""
        alone.stores = []
        alone.mesh = .init(
            switches: 0, queued: 0, lookups: 0, answered: 0, meanMilliseconds: nil, meanHops: nil, meanQuestions: nil)
        let lines = StatusText.lines(alone)
        #expect(lines.contains("router      address not known yet\n"))
        #expect(lines.contains("switches    none: no other node answers\n"))
        #expect(lines.contains("store       none: messages are only relayed\n"))
        #expect(!lines.contains("lookups"))
    }

    /// The report comes over a socket: it may be anything.
    @Test func nothing_isWiderThanTheScreenOrObeyedByIt() {
        var wild = busy
        let long = String(repeating: "x", count: 500)
        wild.router.bus = "ipc:///" + long
        wild.router.version = "1\u{1B}[2J\n" + long
        wild.buckets = [.init(distance: 159, switches: .max), .init(distance: .min, switches: 1)]
        wild.stores = [.init(store: long, receivers: .max, waiting: .max, acked: .max)]
        wild.rates = .init(seconds: 0, telexesIn: .infinity, telexesOut: 1e300, bytesIn: -1, bytesOut: 1e300)
        wild.budgets = [.init(name: long, left: .min, limit: .max, perSecond: .nan)]
        wild.tables = [.init(name: long, count: 1, limit: 2), .init(name: "big", count: .max, limit: .max)]
        wild.drops = [long: .max, "line_wrong": 1]
        for line in StatusText.lines(wild).split(separator: "\n") {
            #expect(line.count <= 100, "\(line.count): \(line)")
            #expect(!line.contains("\u{1B}"))
        }
    }

    @Test func json_hasTheKeysOfTheContractAndWhatIsKnownBeyond() throws {
        let json = try JSON(parsing: try StatusText.json(old))
        #expect(json.object?.keys.sorted() == ["buckets", "counters", "lines", "router", "stores", "taps"])
        #expect(json["router"].object?.keys.sorted() == ["address", "bus", "id", "uptime_s", "version"])
        #expect(json["stores"][0]["acked"].int == 9)
        let more = try JSON(parsing: try StatusText.json(busy))
        #expect(
            more.object?.keys.sorted() == [
                "buckets", "budgets", "counters", "drops", "lines", "mesh", "rates", "router", "stores", "tables",
                "taps",
            ])
        #expect(more["drops"]["line_wrong"].int == 12)
    }

    @Test func everyDrop_hasWordsThatFitBehindItsNumber() {
        for name in DropWords.known {
            let words = DropWords.words(name)
            #expect(!words.isEmpty && words.count <= 60, "\(name)")
        }
        #expect(DropWords.words("a_new_reason") == "a new reason")
    }
}
