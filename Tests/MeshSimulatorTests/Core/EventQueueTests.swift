import Telehash
import Testing

@testable import MeshSimulator

@Suite struct EventQueueTests {
    @Test func events_comeInTheOrderOfTimeAndThenOfPlanning() {
        var random = SeededGenerator(seed: 3)
        var queue = EventQueue<Int>()
        var expected: [(time: Instant, number: Int)] = []
        for number in 0..<1_000 {
            let time = Instant(nanoseconds: Int64.random(in: 0..<50, using: &random))
            queue.plan(number, at: time)
            expected.append((time, number))
        }
        expected.sort { ($0.time, $0.number) < ($1.time, $1.number) }
        for (time, number) in expected {
            #expect(queue.nextTime == time)
            guard let next = queue.next() else {
                Issue.record("the queue ends early")
                return
            }
            #expect(next.time == time)
            #expect(next.event == number)
        }
        #expect(queue.next() == nil)
    }

    @Test func event_whenItIsPlannedBetweenOthers_comesBetweenThem() {
        var queue = EventQueue<Int>()
        queue.plan(1, at: Instant(nanoseconds: 10))
        queue.plan(2, at: Instant(nanoseconds: 30))
        #expect(queue.next()?.time.nanoseconds == 10)
        queue.plan(3, at: Instant(nanoseconds: 20))
        #expect(queue.next()?.time.nanoseconds == 20)
        #expect(queue.next()?.time.nanoseconds == 30)
        #expect(queue.nextTime == nil)
    }
}
