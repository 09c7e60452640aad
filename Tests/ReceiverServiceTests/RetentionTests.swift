import Messages
import ReceiverStore
import ServiceRuntime
import Testing

@testable import ReceiverService

/// What `--keep` says.
@Suite struct RetentionTests {
    @Test func rules_areRead() throws {
        let retention = try Retention(["90d", "a=b=10GB", "garden=12h", "garden=1MB"])
        #expect(retention.bounds(of: Channel.tweets.end) == .init(age: .seconds(90 * 86_400), bytes: nil))
        #expect(try retention.bounds(of: Channel("garden").end) == .init(age: .seconds(12 * 3_600), bytes: 1_000_000))
        #expect(
            try retention.bounds(of: Channel("a=b").end) == .init(age: .seconds(90 * 86_400), bytes: 10_000_000_000))
        #expect(Retention().isUnbounded)
    }

    @Test(arguments: ["", "90", "x", "garden=", "=90d", "0d", "-1d", "5PB", "1.5GB", "garden=5", "99999999999999TB"])
    func ruleThatIsNone_isNamed(_ rule: String) {
        let report = #expect(throws: FailureReport.self) { try Retention([rule]) }
        #expect(report?.status == .usage)
        #expect(report?.message.contains("--keep '\(rule)'") == true)
    }
}
