import Testing

@testable import RendererService

/// A queue of which any may be taken out.
@Suite struct QueueTests {
    @Test func queue_isInOrder_whateverLeavesOrComesAgain() {
        var queue = Queue<Int>()
        var model: [Int] = []
        var random = SystemRandomNumberGenerator()
        for step in 0..<20_000 {
            let element = Int.random(in: 0..<50, using: &random)
            let index = model.firstIndex(of: element)
            if let index { model.remove(at: index) }
            if step % 3 == 0 {
                #expect(queue.remove(element) == (index != nil))
            } else {
                queue.append(element)
                model.append(element)
            }
            #expect(queue.first == model.first && queue.count == model.count)
            #expect(queue.contains(element) == (step % 3 != 0))
        }
        #expect(Set(queue.all) == Set(model))
    }

    /// One that stays in front does not keep what came and went behind it.
    @Test func queue_isNoLongerThanWhatIsInIt() {
        var queue = Queue<Int>()
        for element in 0..<100_000 {
            queue.append(element)
            if element > 0 { queue.remove(element) }
            queue.append(1)
        }
        #expect(queue.first == 0 && queue.count == 2 && queue.length < 64)
    }
}
