import Dispatch
import ServiceRuntime
import Synchronization
import Telehash
import TelehashWire
import TestSupport
import Testing

@testable import RouterService

@Suite("The names of seeds") struct SeedTests {
    private let first = Endpoint("192.0.2.1:42424")
    private let second = Endpoint("192.0.2.2:42424")
    private let sixth = Endpoint("[2001:db8::6]:42424")

    private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    private func seed(_ text: String) throws -> SeedAddress { try #require(SeedAddress(text)) }

    private func book(_ texts: String..., ipv6: Bool = false) throws -> SeedBook {
        try SeedBook(try texts.map(seed), ipv6: ipv6, now: at(0))
    }

    private func addresses(_ endpoints: Endpoint?...) -> SeedBook.Answer {
        .addresses(endpoints.compactMap { $0?.address })
    }

    @Test func name_standsForAllItsAddressesOfTheSocketsFamily() throws {
        for (ipv6, expected) in [(false, [first, second]), (true, [sixth])] {
            var book = try book("seed.example:42424", ipv6: ipv6)
            let name = try #require(book.due(isAlone: true, now: at(0)).first)
            #expect(book.addresses == SeedAddresses(endpoints: [], awaitsMore: true))
            let note = book.didLookUp(name, addresses(first, sixth, second), began: at(0), now: at(0.1))
            #expect(note == nil)
            #expect(book.addresses == SeedAddresses(endpoints: expected.compactMap(\.self)))
        }
    }

    @Test func nameThatNobodyKnows_isLookedUpAgain_atLeastEvery10Seconds_andToldOnce() throws {
        var book = try book("seed.example:42424", "198.51.100.9:1")
        var times: [Int] = []
        var notes: [SeedBook.Note] = []
        for second in 0...60 {
            for name in book.due(isAlone: true, now: at(Double(second))) {
                times.append(second)
                let note = book.didLookUp(
                    name, .unknown(why: "no such name"), began: at(Double(second)), now: at(Double(second)))
                if let note { notes.append(note) }
            }
        }
        #expect(times == [0, 1, 3, 7, 15, 25, 35, 45, 55])
        #expect(notes == [.unknown(try seed("seed.example:42424"), why: "no such name")])
        #expect(book.addresses.endpoints.map(\.description) == ["198.51.100.9:1"] && !book.addresses.awaitsMore)
        let name = try #require(book.due(isAlone: true, now: at(70)).first)
        let known = try #require(first)
        let later = book.didLookUp(name, addresses(first), began: at(70), now: at(70))
        #expect(later == .known(name, [known]))
        #expect(book.addresses.endpoints.contains(known))
    }

    @Test func nameOfTheOtherFamilyOnly_isToldSo() throws {
        var book = try book("seed.example:42424")
        let name = try #require(book.due(isAlone: true, now: at(0)).first)
        let note = book.didLookUp(name, addresses(sixth), began: at(0), now: at(0))
        guard case .unknown(_, let why)? = note else {
            Issue.record("nothing was said")
            return
        }
        #expect(why.contains("IPv6") && why.contains("--udp"))
        #expect(book.addresses.endpoints.isEmpty)
    }

    @Test func nodeThatHasOthers_asksSeldom_andOftenWhenTheyAreGone() throws {
        var book = try book("seed.example:42424")
        var times: [Int] = []
        for second in 0...1_300 {
            let isAlone = second < 2 || second >= 1_250
            for name in book.due(isAlone: isAlone, now: at(Double(second))) {
                times.append(second)
                _ = book.didLookUp(name, addresses(first), began: at(Double(second)), now: at(Double(second)))
            }
        }
        #expect(times == [0, 1, 3, 603, 1_203, 1_250, 1_251, 1_253, 1_257, 1_265, 1_275, 1_285, 1_295])
    }

    @Test func addressThatChanged_replacesTheOldOne_andFailureKeepsIt() throws {
        var book = try book("seed.example:42424")
        for (moment, answer, expected) in [
            (0.0, addresses(first), first), (1, .unknown(why: "try again"), first), (3, addresses(second), second),
        ] {
            let name = try #require(book.due(isAlone: true, now: at(moment)).first)
            let note = book.didLookUp(name, answer, began: at(moment), now: at(moment))
            #expect(note == nil)
            #expect(book.addresses.endpoints == [expected].compactMap(\.self))
        }
    }

    @Test func lookUpThatHangs_holdsNobodyUp_andFewHang() throws {
        var book = try book("seed.example:42424")
        let begun = (0..<100).flatMap { second in
            book.due(isAlone: true, now: at(Double(second))).map { _ in second }
        }
        #expect(begun == [0, 5, 10])
        _ = book.didLookUp(try seed("seed.example:42424"), addresses(first), began: at(5), now: at(100))
        #expect(book.addresses.endpoints == [first].compactMap(\.self), "late is better than never")
    }

    @Test func networkThatComes_hasTheNamesLookedUpAtOnce() throws {
        var book = try book("seed.example:42424")
        let name = try #require(book.due(isAlone: true, now: at(0)).first)
        _ = book.didLookUp(name, .unknown(why: "no network"), began: at(0), now: at(0))
        let early = book.due(isAlone: true, now: at(0.5))
        #expect(early.isEmpty)
        book.hurry(now: at(0.5))
        let due = book.due(isAlone: true, now: at(0.5))
        #expect(due == [name])
    }

    @Test func literalOfTheOtherFamily_isAnErrorThatNamesIt() throws {
        let error = try #require(throws: FailureReport.self) { try book("[2001:db8::1]:42424") }
        #expect(error.message.contains("[2001:db8::1]:42424") && error.message.contains("IPv4"))
    }

    @Test func finder_waitsForNobody_andTellsWhatChanged() async throws {
        let wall = DispatchSemaphore(value: 0)
        let finder = SeedFinder(
            try book("seed.example:42424"),
            resolver: { [first] host in
                // Not for ever: somebody who waits for it shall fail, and not hang.
                _ = wall.wait(timeout: .now() + .seconds(5))
                return .addresses(host == "seed.example" ? [first].compactMap { $0?.address } : [])
            }, notify: { _ in })
        let changes = Mailbox<SeedAddresses>()
        finder.look(isAlone: true) { changes.append($0) }
        #expect(finder.addresses == SeedAddresses(endpoints: [], awaitsMore: true), "the resolver still hangs")
        wall.signal()
        let change = await changes.first(within: .seconds(5))?.element
        #expect(change == SeedAddresses(endpoints: [first].compactMap(\.self)))
    }

    @Test func system_knowsLocalhost_andNotWhatCannotBe() {
        guard case .addresses(let found) = SeedBook.Answer.ofSystem("localhost") else {
            Issue.record("no localhost")
            return
        }
        #expect(found.contains(.v4(0x7f00_0001)))
        guard case .unknown(let why) = SeedBook.Answer.ofSystem("a.name.that.cannot.be.invalid") else {
            Issue.record("found")
            return
        }
        #expect(!why.isEmpty)
    }
}
