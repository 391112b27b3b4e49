import Model

/// What has become of a worker beyond being live or lost. Nearly all are as they began.
struct WorkerStanding: Equatable, Sendable {
    /// Its parked call was cut, and nothing was heard since: most likely its process is gone.
    var hasHungUp = false
    /// Some reader could not reach its data port: its map outputs go by way of the master.
    var isUnreachable = false
    /// It is about to leave: it gets nothing more.
    var isDraining = false
    /// It knows that it is to drain.
    var isToldToDrain = false
    /// Readers found too many of its map outputs damaged: it gets no map task while others can.
    var isExcluded = false
    /// Those that were found damaged.
    var damaged: [AttemptID] = []
    /// Attempts in a row that failed because its disk was full.
    var diskFullCount = 0
    /// Attempts of one job that failed on it in a row; nil when the last one did not.
    var failureStreak: FailureStreak?
    /// It gets nothing for a while.
    var rest: Rest?
    /// nil when it has nothing to hand over.
    var handingOver: HandingOver?
    /// Reduce attempts that ran when a draining worker had handed over its last output: they may still read from it.
    var readers: [AttemptID] = []

    struct FailureStreak: Hashable, Sendable {
        let job: JobID
        var count: Int
        /// Tasks of the job that were completed when it began.
        let completedCount: Int
    }

    struct Rest: Hashable, Sendable {
        let until: JobTime
        let cause: RestCause
    }

    var restsUntil: JobTime? { rest?.until }

    struct HandingOver: Hashable, Sendable {
        /// Map outputs that were asked for and have neither come nor been given up.
        var count = 0
        /// Of those, the ones that no answer has named yet; some may have been given up since.
        var untold: [AttemptID] = []
        /// When patience ends, unless the worker says that it is at it.
        var silenceEnds: JobTime
    }

    /// It gets no tasks.
    var takesNothing: Bool { isDraining || rest != nil }
}

/// Why a worker gets nothing for a while.
package enum RestCause: Int32, Hashable, Sendable {
    case diskFull
    case failures
}

extension WorkerStanding: Recorded {
    func record(in writer: inout RecordWriter) {
        for flag in [hasHungUp, isUnreachable, isDraining, isToldToDrain, isExcluded] { writer.write(flag) }
        writer.write(damaged)
        writer.write(natural: diskFullCount)
        writer.write(failureStreak) {
            $0.write($1.job)
            $0.write(natural: $1.count)
            $0.write(natural: $1.completedCount)
        }
        writer.write(rest) {
            $0.write($1.until)
            $0.write(natural: Int($1.cause.rawValue))
        }
        writer.write(handingOver) {
            $0.write(natural: $1.count)
            $0.write($1.untold)
            $0.write($1.silenceEnds)
        }
        writer.write(readers)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        hasHungUp = try reader.bool()
        isUnreachable = try reader.bool()
        isDraining = try reader.bool()
        isToldToDrain = try reader.bool()
        isExcluded = try reader.bool()
        damaged = try reader.list()
        diskFullCount = try reader.natural()
        failureStreak = try reader.optional { reader throws(RecordError) in
            let job = try reader.value(JobID.self)
            let count = try reader.natural()
            return FailureStreak(job: job, count: count, completedCount: try reader.natural())
        }
        rest = try reader.optional { reader throws(RecordError) in
            let until = try reader.value(JobTime.self)
            guard let cause = RestCause(rawValue: Int32(clamping: try reader.natural())) else {
                throw reader.error("no cause of a rest has this number")
            }
            return Rest(until: until, cause: cause)
        }
        handingOver = try reader.optional { reader throws(RecordError) in
            let count = try reader.natural()
            let untold = try reader.list(of: AttemptID.self)
            return HandingOver(count: count, untold: untold, silenceEnds: try reader.value())
        }
        readers = try reader.list()
    }
}
