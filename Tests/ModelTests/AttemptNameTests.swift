import Model
import Testing

@Suite("The written form of an attempt")
struct AttemptNameTests {
    @Test(
        "reads back what it wrote",
        arguments: [(1, TaskKind.map, 0, 1), (7, .reduce, 12, 3), (999_999_999, .map, 999_999_999, 999_999_999)])
    func roundTrip(job: Int, kind: TaskKind, index: Int, number: Int) {
        let attempt = AttemptID(task: TaskID(job: JobID(number: job), kind: kind, index: index), number: number)
        #expect(AttemptID(name: attempt.name) == attempt)
    }

    @Test("is job, kind, index and number with dashes")
    func form() {
        let task = TaskID(job: JobID(number: 1), kind: .map, index: 12)
        #expect(AttemptID(task: task, number: 3).name == "1-map-12-3")
    }

    @Test(
        "refuses everything that it would not have written",
        arguments: [
            "", "1-map-12", "1-map-12-3-4", "0-map-1-1", "1-map-1-0", "1-Map-1-1", "1-shuffle-1-1", "+1-map-1-1",
            "1-map--1-1", "01-map-1-1", "1-map-01-1", "1-map-1-01", "1-map-1-1 ", " 1-map-1-1", "1-map-1-1\n",
            "1-map-1-1/..", "../1-map-1-1", "1-map-1234567890-1", "1-map-٣-1", "1-map-1-1\0",
        ])
    func refusals(name: String) {
        #expect(AttemptID(name: name) == nil)
    }
}

@Suite("Counters")
struct CounterTests {
    @Test("add up and are taken back by name")
    func sums() {
        var one = TaskCounters()
        for (place, counter) in TaskCounters.named.enumerated() { one[keyPath: counter.path] = Int64(place + 1) }
        var total = one
        total += one
        for (place, counter) in TaskCounters.named.enumerated() {
            #expect(total[keyPath: counter.path] == Int64(2 * (place + 1)))
        }
        total -= one
        #expect(total == one)
    }
}
