package import Coordinator
import Model
import TestSupport

/// Everything that a seed decides before a simulated run begins.
package struct Scenario: Sendable {
    package let seed: UInt64
    package let policy: Policy
    let splits: [[SplitPiece]]
    let reduceCount: Int
    let skippedRecordsMax: Int
    let isMapOnly: Bool
    let fullWorkerCount: Int
    let simpleWorkerCount: Int
    let weather: Weather
    /// When all faults end, and completion is demanded.
    let healsAt: JobTime

    /// How bad the faults are; all zero in one run out of eight, which then must be flawless.
    struct Weather: Sendable {
        var isCalm = false
        /// Chance that a message disappears, arrives twice, or is held up for seconds.
        var drops = 0.0
        var doubles = 0.0
        var delays = 0.0
        /// Chances per attempt.
        var taskFails = 0.0
        var diskFills = 0.0
        var taskIsLong = 0.0
        /// Chance that a worker may not run what the job asks for.
        var refuses = 0.0
        /// Chances per commit, and per end of a job.
        var commitFails = 0.0
        var finishFails = 0.0
        /// Mean time between larger faults: deaths, stalls, partitions.
        var strikeInterval: Duration = .seconds(5)
    }

    static let application = "words"

    package init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix64(seed: seed ^ 0x5eed)
        weather = Weather(using: &random)
        var policy = Policy()
        policy.simpleSplitByteCountMax = Int64(random.number(in: 4...20))
        policy.storedAnswersMax = random.number(in: 1...4)
        policy.overtakingMax = random.number(in: 1...40)
        // What is calm has nobody who is late.
        policy.backupDelayMin = weather.isCalm ? .seconds(60) : random.milliseconds(in: 500...8_000)
        policy.backsUpStragglers = random.happens(0.8)
        if random.happens(0.5) {
            policy.lossesMax = 1_000
            policy.failuresMax = 1_000
            policy.outputLossesMax = 1_000
        }
        self.policy = policy
        let splitCount = random.happens(0.05) ? 0 : random.number(in: 1...14)
        splits = (0..<splitCount).map { file in
            var offset: Int64 = 0
            return (0..<random.number(in: 1...3)).map { _ in
                let byteCount = Int64(random.number(in: 0...20))
                defer { offset += byteCount }
                return SplitPiece(fileIndex: file, offset: offset, byteCount: byteCount)
            }
        }
        let reduceCount = random.number(in: 1...5)
        fullWorkerCount = random.number(in: 1...6)
        simpleWorkerCount = random.happens(0.5) ? 0 : random.number(in: 1...3)
        skippedRecordsMax = random.happens(0.4) ? random.number(in: 1...4) : 0
        isMapOnly = !splits.isEmpty && random.happens(0.2)
        self.reduceCount = isMapOnly ? splits.count : reduceCount
        healsAt = JobTime(sinceStart: weather.isCalm ? .zero : random.milliseconds(in: 20_000...120_000))
    }

    /// When the first job must have ended, whatever happened: a few leases, and every task one after the other on the
    /// slowest.
    var deadline: JobTime { healsAt + .seconds(300) + .seconds(40 * (splits.count * 8 + reduceCount)) }

    func plan(job: Int) -> JobPlan {
        let files = splits.map { pieces in
            InputFile(
                path: [], name: [], byteCount: pieces.reduce(0) { $0 + $1.byteCount }, modifiedNanoseconds: 0)
        }
        return JobPlan(
            id: JobID(number: job), application: ApplicationChoice(name: Scenario.application), files: files,
            splits: splits, reduceCount: reduceCount, allowsSimpleWorkers: simpleWorkerCount > 0 && !isMapOnly,
            skippedRecordsMax: skippedRecordsMax, isMapOnly: isMapOnly)
    }
}

extension Scenario.Weather {
    init(using random: inout SplitMix64) {
        isCalm = random.happens(0.125)
        guard !isCalm else { return }
        drops = random.happens(0.6) ? Double(random.number(in: 0...25)) / 100 : 0
        doubles = random.happens(0.6) ? Double(random.number(in: 0...20)) / 100 : 0
        delays = random.happens(0.6) ? Double(random.number(in: 0...20)) / 100 : 0
        taskFails = random.happens(0.5) ? Double(random.number(in: 0...20)) / 100 : 0
        diskFills = random.happens(0.2) ? Double(random.number(in: 0...20)) / 100 : 0
        refuses = random.happens(0.2) ? Double(random.number(in: 0...60)) / 100 : 0
        taskIsLong = Double(random.number(in: 0...30)) / 100
        commitFails = random.happens(0.4) ? Double(random.number(in: 0...40)) / 100 : 0
        finishFails = random.happens(0.1) ? 0.3 : 0
        strikeInterval = random.milliseconds(in: 500...15_000)
    }
}
