import Bus
import Messages
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@testable import ClientCLI

@Suite struct LineSplitterTests {
    private func split(_ chunks: [String], limit: Int = 10) -> [LineSplitter.Line] {
        var splitter = LineSplitter(limit: limit)
        var lines = chunks.flatMap { splitter.feed(Array($0.utf8)) }
        if let last = splitter.finish() { lines.append(last) }
        return lines
    }

    private func bytes(_ text: String) -> LineSplitter.Line { .bytes(Array(text.utf8)) }

    @Test func lines_areFoundAcrossChunks() {
        #expect(split(["a\nb", "c\n", "\nd"]) == [bytes("a"), bytes("bc"), bytes(""), bytes("d")])
    }

    @Test func carriageReturnBeforeNewline_belongsToIt() {
        #expect(split(["a\r\n1234567890\r", "\nb\rc\n"]) == [bytes("a"), bytes("1234567890"), bytes("b\rc")])
    }

    @Test func longLine_isOnlyCounted() {
        #expect(split(["12345678901", "2345\nx"]) == [.tooLong(bytes: 15), bytes("x")])
    }

    @Test func byteOrderMark_belongsToNoLine() {
        #expect(
            split(["\u{FEFF}1234567890\r\n\u{FEFF}b\nc\u{FEFF}"]) == [
                bytes("1234567890"), bytes("b"), bytes("c\u{FEFF}"),
            ])
    }

    @Test func nothing_isNoLine() {
        #expect(split([""]) == [])
    }
}

@Suite struct ComposerTests {
    private let composer = Composer(identity: .generate(.ed25519), channel: .tweets)

    private func refusal(of line: LineSplitter.Line) throws -> FailureReport {
        try #require(throws: FailureReport.self) { try composer.message(of: line, at: 1) }
    }

    @Test func text_isSigned() throws {
        let message = try composer.message(of: .bytes(Array("hello".utf8)), at: 77)
        #expect(message.text == "hello")
        #expect(message.at == 77)
        #expect(message.isSignatureValid())
    }

    @Test func badTexts_areRefusedWithTheReason() throws {
        #expect(try refusal(of: .bytes([])) == FailureReport("the text is empty", status: .refused))
        #expect(
            try refusal(of: .bytes([0x61, 0xC3, 0x28]))
                == FailureReport("the text is not valid UTF-8 (at byte 2)", status: .refused))
        #expect(try refusal(of: .tooLong(bytes: 70_000)).status == .refused)
    }

    @Test func longText_isRefusedWithTheExcess() throws {
        var count = 2_000
        let first = try refusal(of: .bytes([UInt8](repeating: 0x61, count: count)))
        let numbers = first.message.split { !$0.isNumber }.compactMap { Int($0) }
        let excess = try #require(numbers.first { $0 > 0 && $0 < count && $0 != 1_400 }, "\(first.message)")
        count -= excess
        _ = try composer.message(of: .bytes([UInt8](repeating: 0x61, count: count)), at: 1)
    }

    @Test(arguments: [
        ("a\n\n", "a\n"), ("a\r\n", "a"), ("a", "a"), ("a\r\nb\r\n", "a\nb"), ("\u{FEFF}a\r\nb\u{1A}", "a\nb"),
        ("\r", "\r"),
    ])
    func standardInput_losesWhatIsNotTheWriters(_ input: String, _ text: String) {
        #expect(Composer.text(ofInput: .bytes(Array(input.utf8))) == .bytes(Array(text.utf8)))
    }

    /// `send "$(cat FILE)"`: the shell takes the newlines at the end away, and leaves the rest.
    @Test(arguments: [("a\r\nb\r", "a\nb"), ("\u{FEFF}a", "a"), ("a\n", "a\n")])
    func argument_losesWhatIsNotTheWriters(_ argument: String, _ text: String) {
        #expect(Composer.text(ofArgument: argument) == .bytes(Array(text.utf8)))
    }

    @Test func blanks_areRefused() throws {
        for text in ["  ", "\n\t", "\u{200B}\u{2060}", "\u{3164}", "\u{2800}\u{2800}", "\u{A0}\u{3000}"] {
            #expect(try refusal(of: .bytes(Array(text.utf8))).message.contains("blanks"), "\(text.unicodeScalars)")
        }
    }
}

@Suite struct SignerTests {
    @Test func noName_makesTheDefaultKeyOnceAndSaysSo() throws {
        let directory = try TemporaryDirectory()
        let signer = Signer(store: KeyStore(directory: directory.file("keys")))
        var told: [String] = []
        let first = try signer.identity(name: nil, scheme: nil) { told.append($0) }
        let second = try signer.identity(name: nil, scheme: nil) { told.append($0) }
        #expect(first.publicKey == second.publicKey)
        #expect(told == ["made the key 'default' in \(directory.file("keys")): you are \(first.publicKey.text)"])
        #expect(try signer.store.names() == ["default"])
    }

    @Test func legacyScheme_hasADefaultKeyOfItsOwn() throws {
        let directory = try TemporaryDirectory()
        let signer = Signer(store: KeyStore(directory: directory.file("keys")))
        try signer.store.save(.sampleLegacy, as: "default-2011")
        let identity = try signer.identity(name: nil, scheme: .legacy) { _ in Issue.record("made a key") }
        #expect(identity.scheme == .legacy)
    }

    @Test func unknownName_isNotMade() throws {
        let directory = try TemporaryDirectory()
        let signer = Signer(store: KeyStore(directory: directory.file("keys")))
        let error = try #require(throws: KeyError.self) {
            try signer.identity(name: "bob", scheme: nil) { _ in Issue.record("made a key") }
        }
        #expect(Failures.report(error).status == .failed)
    }

    @Test func keyOfAnotherScheme_isAUsageError() throws {
        let directory = try TemporaryDirectory()
        let signer = Signer(store: KeyStore(directory: directory.file("keys")))
        _ = try signer.store.create("bob", scheme: .ed25519)
        let error = try #require(throws: FailureReport.self) {
            try signer.identity(name: "bob", scheme: .legacy) { _ in }
        }
        #expect(error == FailureReport("the key 'bob' is of scheme ed25519", status: .usage))
    }
}

@Suite struct SentMessageTests {
    private let id = MessageID(bytes: [UInt8](repeating: 0xAB, count: 32))

    @Test func json_hasTheKeysOfAReceipt() throws {
        let store = try #require(StoreID("01234567-89ab-4def-8123-456789abcdef"))
        let receipt = Receipt(id: try #require(id), stored: [store], relayed: 2, complete: true)
        let sent = SentMessage(receipt: receipt, milliseconds: 3)
        #expect(
            sent.json == #"{"id":"\#(receipt.id.hex)","stored":["\#(store)"],"relayed":2,"ms":3}"#)
        #expect(sent.text == "\(receipt.id.hex)  stored by \(store); relayed to 2 switches; 3 ms")
        #expect(sent.shortfall(acks: 1) == nil)
    }

    @Test func receiptThatAStoreHinders_saysWhy() throws {
        let receipt = Receipt(
            id: try #require(id), stored: [], relayed: 0, complete: false, hindrance: "no space left; it waits")
        #expect(
            SentMessage(receipt: receipt, milliseconds: 0).shortfall(acks: nil)
                == "not acknowledged in time: no space left; it waits")
    }

    @Test func incompleteReceipt_isNotAcknowledged() throws {
        let receipt = Receipt(id: try #require(id), stored: [], relayed: 0, complete: false)
        let shortfall = SentMessage(receipt: receipt, milliseconds: 0).shortfall(acks: 2)
        #expect(shortfall == "not acknowledged in time: wanted 2 stores; stored by 0, relayed to 0")
    }
}

@Suite struct LineSenderTests {
    /// What is under way now and at most.
    private final class Gauge: Sendable {
        private let numbers = Mutex((now: 0, most: 0))

        func enter() {
            numbers.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }
        func leave() { numbers.withLock { $0.now -= 1 } }
        var most: Int { numbers.withLock { $0.most } }
    }

    private final class Source: Sendable {
        private let chunks: Mutex<[[UInt8]]>

        init(_ chunks: [String]) { self.chunks = Mutex(chunks.map { Array($0.utf8) }) }

        func next() -> [UInt8] { chunks.withLock { $0.isEmpty ? [] : $0.removeFirst() } }
    }

    private func sender(
        _ source: Source, publish: @escaping LineSender.Publish, print: @escaping LineSender.Print
    ) -> LineSender {
        LineSender(
            composer: Composer(identity: .generate(.ed25519), channel: .tweets), read: { source.next() },
            publish: publish, print: print, now: { 1 })
    }

    private static func sent(_ message: SignedMessage, isComplete: Bool = true) -> LineSender.Outcome {
        .success(
            SentMessage(
                receipt: Receipt(id: message.id, stored: [], relayed: 1, complete: isComplete), milliseconds: 1))
    }

    /// Messages of one time are ordered by their ids, that is by chance.
    @Test func lines_haveTimesInTheirOrder() async {
        let times = Mutex<[String: Int64]>([:])
        let source = Source(["1\n2\n3\n4\n5\n"])
        let sender = sender(source) { message in
            times.withLock { $0[message.text] = message.at }
            return Self.sent(message)
        } print: { _, _ in
        }
        #expect(await sender.run() == .done)
        let found = times.withLock { $0 }
        #expect((1...5).map { found["\($0)"] } == [1, 2, 3, 4, 5])
    }

    @Test func manyLines_areSentAtOnceAndPrintedInOrder() async {
        let texts = (1...1_000).map { "line \($0)" }
        let source = Source([texts.joined(separator: "\n") + "\n"])
        let gauge = Gauge()
        let ids = Mutex<[String: String]>([:])
        let printed = Mailbox<String>()
        let status = await sender(
            source,
            publish: { message in
                gauge.enter()
                ids.withLock { $0[message.id.hex] = message.text }
                // Later ones overtake earlier ones.
                for _ in 0..<(message.text.utf8.count % 7) { await Task.yield() }
                gauge.leave()
                return Self.sent(message)
            },
            print: { _, outcome in
                if case .success(let sent) = outcome { printed.append(ids.withLock { $0[sent.receipt.id.hex] ?? "?" }) }
            }
        ).run()
        #expect(status == .done)
        #expect(printed.all == texts)
        #expect(gauge.most <= Limits.sendsInFlight)
    }

    @Test func worstOutcome_isTheStatus() async {
        let source = Source(["good\n", "bell\u{7}\n", "slow\n", "good"])
        let printed = Mailbox<Int>()
        let status = await sender(
            source, publish: { Self.sent($0, isComplete: $0.text != "slow") },
            print: { line, _ in printed.append(line) }
        ).run()
        #expect(status == .notAcknowledged)
        #expect(printed.all == [1, 2, 3, 4])
    }

    @Test func blankLines_areBetweenMessages() async {
        let source = Source(["\u{FEFF}first\r\n", "\r\n \t\n\u{3000}\nse", "cond\r\n\n"])
        let printed = Mailbox<Int>()
        let sent = Mailbox<String>()
        let status = await sender(
            source,
            publish: { message in
                sent.append(message.text)
                return Self.sent(message)
            }, print: { line, _ in printed.append(line) }
        ).run()
        #expect(status == .done)
        #expect(Set(sent.all) == ["first", "second"])
        #expect(printed.all == [1, 5], "lines are counted as editors count them")
    }

    @Test func noRouter_endsTheWholeStream_andSaysFromWhere() async throws {
        let source = Source([String](repeating: String(repeating: "x\n", count: 150), count: 1_000))
        let printed = Mailbox<(line: Int, text: String)>()
        let report = FailureReport("no router", status: .notAcknowledged)
        let status = await sender(
            source, publish: { _ in .failure(SendFailure(report, endsAll: true)) },
            print: { line, outcome in
                if case .failure(let failure) = outcome { printed.append((line, failure.report.message)) }
            }
        ).run()
        #expect(status == .notAcknowledged)
        #expect(printed.count <= 2 * Limits.sendsInFlight)
        let last = try #require(printed.all.last)
        #expect(last.text == "nothing from here on was sent")
        #expect(last.line == printed.count, "the line after those that were tried")
    }

    @Test func noRouter_forTheLastLine_leavesNothingUnsaid() async {
        let printed = Mailbox<String>()
        let report = FailureReport("no router", status: .notAcknowledged)
        _ = await sender(
            Source(["x"]), publish: { _ in .failure(SendFailure(report, endsAll: true)) },
            print: { _, outcome in
                if case .failure(let failure) = outcome { printed.append(failure.report.message) }
            }
        ).run()
        #expect(printed.all == ["no router"])
    }
}
