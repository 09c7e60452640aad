import TestSupport
import Testing

@Suite struct MailboxTests {
    @Test func first_fromAPlace_passesOverWhatComesBeforeIt_alsoWhileItWaits() async {
        let mailbox = Mailbox<String>()
        async let second = mailbox.first(from: 1, within: .seconds(10))
        await eventuallyWaits(on: mailbox)
        mailbox.append("zero")
        mailbox.append("one")
        #expect(await second?.element == "one")
        #expect(await mailbox.first(from: 1, within: .seconds(10))?.index == 1)
    }

    @Test func first_whenTheSourceEnds_isNothing() async {
        let mailbox = Mailbox<String>()
        async let never = mailbox.first(within: .seconds(10))
        mailbox.finish()
        #expect(await never == nil)
    }

    /// Returns when somebody waits for an element.
    private func eventuallyWaits(on mailbox: Mailbox<String>) async {
        while !mailbox.hasWaiters { await Task.yield() }
    }
}
