import Glibc
import Simulation

/// `mr-simulate --measure` tells how fast the coordinator is.
///
/// `mr-simulate [count [first-seed]]` runs that many simulated clusters; `mr-simulate --seed n` runs one and tells
/// about it.
let arguments = CommandLine.arguments.dropFirst()

func number(_ text: String) -> UInt64 {
    guard let number = UInt64(text) else {
        stop("not a number: \(text)\nusage: mr-simulate [count [first-seed]] | --seed n")
    }
    return number
}

func stop(_ complaint: String) -> Never {
    print(complaint)
    exit(1)
}

/// What this thread has used: others on the same machine don't count.
func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// Events per second of the coordinator alone, for jobs and clusters of several sizes.
func measure() {
    let sizes =
        [100, 1_000, 10_000, 100_000, 1_000_000].map { (tasks: $0, workers: 10) }
        + [1, 10, 100, 1_000, 10_000].map { (tasks: 100_000, workers: $0) }
    for (tasks, workers) in sizes {
        // Small jobs are over too soon to be measured one at a time.
        let rounds = max(1, 200_000 / tasks)
        var events = 0
        var duration = Duration.zero
        for _ in 0..<rounds {
            var throughput = Throughput(mapCount: tasks, reduceCount: min(tasks, 1_000), workerCount: workers)
            let begin = processorTime()
            events += throughput.run(eventCountMax: 2_000_000)
            duration += processorTime() - begin
        }
        let rate = Int(Double(events) / (duration / .seconds(1)))
        print("\(tasks) tasks, \(workers) workers: \(rate) events per second")
    }
}

if arguments.first == "--measure" {
    measure()
} else if arguments.first == "--seed", arguments.count == 2, let seed = arguments.last.map(number) {
    let report = Cluster.run(seed: seed)
    for line in report.trace { print(line) }
    print("\(report.eventCount) events, \(report.setbackCount) setbacks in \(report.length): \(report.outcomes)")
    if !report.isGood { stop(report.complaint) }
} else {
    let count = arguments.first.map(number) ?? 1_000
    let first = arguments.dropFirst().first.map(number) ?? 0
    CrashReport.install()
    let clock = ContinuousClock()
    let begin = clock.now
    var (events, failedJobs, setbacks) = (0, 0, 0)
    for seed in first..<(first + count) {
        CrashReport.remember(seed: seed)
        let report = Cluster.run(seed: seed)
        if !report.isGood { stop(report.complaint) }
        events += report.eventCount
        failedJobs += report.outcomes.count - 1
        setbacks += report.setbackCount
    }
    let seconds = (clock.now - begin) / .seconds(1)
    print("\(count) schedules, \(events) events, \(setbacks) setbacks, \(failedJobs) jobs failed with an explanation")
    print("\(Int(Double(count) / seconds)) schedules per second, \(Int(Double(events) / seconds)) events per second")
}
