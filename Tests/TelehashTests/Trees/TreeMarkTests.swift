import TelehashWire
import Testing

@testable import Telehash

@Suite struct TreeMarkTests {
    private func tap(_ text: String?) -> Telex {
        Telex(tap: [TapRule()], fields: text.map { [.init(key: "tree", text: $0)] } ?? [])
    }

    @Test func marks_areOneWordForEachRule() {
        let marks = TreeMarks(of: tap("- 3/17 0/0"))
        #expect(marks?[0] == .plain)
        #expect(marks?[1] == .inTree(parents: 3, children: 17))
        #expect(marks?[2] == .inTree(parents: 0, children: 0))
        #expect(marks?[3] == .plain)
    }

    @Test func marks_whenTheKeyIsMissing_sayThatThePeerKnowsNothingOfTrees() {
        #expect(TreeMarks(of: tap(nil)) == nil)
    }

    @Test(arguments: ["", " ", "x", "1", "1/", "/1", "1/2/3", "1.5/2", "99999999999999999999/1", "\u{0}"])
    func marks_whenTheyMakeNoSense_arePlain(_ text: String) {
        #expect(TreeMarks(of: tap(text))?[0] == .plain)
    }

    @Test(arguments: [("-1/5", 0, 5), ("5/-1", 5, 0), ("123456/1", 9_999, 1)])
    func marks_whenCountsAreOutOfRange_areCut(_ text: String, parents: Int, children: Int) {
        #expect(TreeMarks(of: tap(text))?[0] == .inTree(parents: parents, children: children))
    }

    @Test func marks_whenWritten_areReadBack() {
        let marks: [TreeMark] = [.plain, .inTree(parents: 2, children: 9), .plain, .plain]
        let text = TreeMarks.text(marks)
        #expect(text == "- 2/9")
        let read = TreeMarks(of: tap(text))
        #expect(marks.indices.map { read?[$0] } == marks)
        #expect(TreeMarks.text([.plain, .plain]) == "-")
        #expect(TreeMarks.text([]) == "")
    }

    @Test func notice_whenWritten_isReadBack() {
        let notice = TreeNotice(end: .tweets, level: 2)
        #expect(TreeNotice(of: Telex(fields: [.init(key: "tree", text: notice.text)])) == notice)
    }

    @Test(arguments: ["", "x", "0", "\(NodeID.tweets.hex)", "\(NodeID.tweets.hex) 5", "\(NodeID.tweets.hex) -1", "- 0"])
    func notice_whenItMakesNoSense_isNone(_ text: String) {
        #expect(TreeNotice(of: Telex(fields: [.init(key: "tree", text: text)])) == nil)
    }

    @Test func notice_besideATap_isTheTapsMark() {
        let telex = Telex(tap: [], fields: [.init(key: "tree", text: TreeNotice(end: .tweets, level: 1).text)])
        #expect(TreeNotice(of: telex) == nil)
    }
}
