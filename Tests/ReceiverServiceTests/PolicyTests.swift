import Bus
import Messages
import ServiceRuntime
import StoreConformance
import TestSupport
import Testing

@testable import ReceiverService

@Suite struct PolicyTests {
    @Test(arguments: [("5", 5.0, 50.0), ("0.5/3", 0.5, 3.0), ("0.01", 0.01, 1.0)])
    func rate_isRead(_ text: String, _ perSecond: Double, _ burst: Double) {
        #expect(Rate(text) == Rate(perSecond: perSecond, burst: burst))
    }

    @Test(arguments: ["", "0", "-1", "1/0", "1/", "1/2/3", "x", "nan", "inf", "1e9"])
    func rate_thatIsNone_isNotRead(_ text: String) {
        #expect(Rate(text) == nil)
    }

    @Test func lists_areRead_andReadAgain_andAMistakeChangesNothing() throws {
        let directory = try TemporaryDirectory()
        let first = try Fixture.message("first")
        let second = try Fixture.message("second", by: Fixture.secondAuthor)
        let denied = try directory.write("# spam\n\n\(first.key.text) # of May\n", to: "denied")
        let policy = try Policy(files: Policy.Files(allowed: nil, denied: denied))
        #expect(policy.refusal(of: first.key) == .keyBlocked)
        #expect(policy.refusal(of: second.key) == nil)

        try directory.write("\(second.key.text)\n", to: "denied")
        try policy.reload()
        #expect(policy.refusal(of: first.key) == nil)
        #expect(policy.refusal(of: second.key) == .keyBlocked)

        try directory.write("\(second.key.text)\nnot a key\n", to: "denied")
        let report = #expect(throws: FailureReport.self) { try policy.reload() }
        #expect(report?.message.contains("\(denied):2") == true)
        #expect(policy.refusal(of: second.key) == .keyBlocked)
    }

    @Test func allowList_keepsEverybodyElseOut() throws {
        let directory = try TemporaryDirectory()
        let first = try Fixture.message("first")
        let allowed = try directory.write(first.key.text, to: "allowed")
        let policy = try Policy(files: Policy.Files(allowed: allowed, denied: nil))
        #expect(policy.refusal(of: first.key) == nil)
        let second = try Fixture.message("second", by: Fixture.secondAuthor)
        #expect(policy.refusal(of: second.key) == .keyNotAllowed)
    }
}
