import Testing

@testable import RendererService

@Suite struct ChangesTests {
    private func tag(_ resource: String, _ state: String) -> Validator { Validator([resource], state: state) }

    @Test func answer_isAsOldAsItsNewestMessage_butNotOlderThanTheProgram() {
        let changes = Changes(since: 100)
        #expect(changes.second(of: tag("a", "1"), newest: 0) == 100)
        #expect(changes.second(of: tag("b", "1"), newest: 99) == 100)
        #expect(changes.second(of: tag("c", "1"), newest: 105) == 105)
        #expect(changes.second(of: tag("c", "1"), newest: 107) == 105, "the same")
    }

    @Test func everyState_isYoungerThanTheOneBefore() {
        let changes = Changes(since: 100)
        #expect(changes.second(of: tag("a", "1"), newest: 105) == 105)
        #expect(changes.second(of: tag("a", "2"), newest: 103) == 106)
        #expect(changes.second(of: tag("b", "2"), newest: 103) == 103)
        #expect(changes.second(of: tag("a", "1"), newest: 105) == 107)
        #expect(changes.second(of: tag("a", "3"), newest: 120) == 120)
    }

    @Test func answers_thatAreForgotten_areYoungerThanEver() {
        let changes = Changes(since: 100, capacity: 2)
        #expect(changes.second(of: tag("a", "1"), newest: 150) == 150)
        #expect(changes.second(of: tag("b", "1"), newest: 120) == 120)
        #expect(changes.second(of: tag("b", "2"), newest: 120) == 121, "still remembered")
        #expect(changes.second(of: tag("c", "1"), newest: 130) == 151)
        #expect(changes.second(of: tag("a", "2"), newest: 150) == 151)
    }
}
