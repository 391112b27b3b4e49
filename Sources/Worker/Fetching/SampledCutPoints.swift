import ApplicationAPI
import Glibc
import LocalMachine
import Model
import Synchronization
import TaskRuntime
import WorkerProtocol

/// Where ranges of keys end in a job whose application the master does not know: worked out from the master's sample once.
final class SampledCutPoints: Sendable {
    private struct Choice: Hashable {
        var job: JobID
        var application: ApplicationChoice
        var partitionCount: Int
    }

    private let known: Mutex<[Choice: [[UInt8]]]> = Mutex([:])

    /// What a sample may take in this process's memory.
    private static let byteCountMax: Int64 = 64 << 20

    /// - Returns: R - 1 keys in order, the same ones in every worker.
    func cutPoints(
        of assignment: AssignmentMessage, for application: any Application, remote: RemoteData, scratch: ScratchFolder
    ) throws -> [[UInt8]] {
        let choice = Choice(
            job: assignment.attempt.task.job, application: assignment.job.application,
            partitionCount: assignment.job.reduceCount)
        return try known.withLock { known in
            if let cutPoints = known[choice] { return cutPoints }
            let form = assignment.job.forms.input ?? application.recordFormat.form
            let sample = try Self.read(job: choice.job, form, remote: remote, scratch: scratch)
            let cutPoints = try CutPoints.choose(
                for: application, sample: sample, format: RecordFormat(form), job: choice.job,
                partitionCount: choice.partitionCount)
            known[choice] = cutPoints
            return cutPoints
        }
    }

    func forget(_ job: JobID) { known.withLock { known in known = known.filter { $0.key.job != job } } }

    private static func read(
        job: JobID, _ form: InputForm, remote: RemoteData, scratch: ScratchFolder
    ) throws -> [SampledRecord] {
        let descriptor = try scratch.makeUnnamedFile()
        defer { close(descriptor) }
        let byteCount = try remote.readSample(job: job, form, into: descriptor)
        guard byteCount <= byteCountMax else {
            throw SampleError.tooLong(byteCount: byteCount, byteCountMax: byteCountMax)
        }
        var bytes = [UInt8](repeating: 0, count: Int(byteCount))
        guard pread(descriptor, &bytes, bytes.count, 0) == bytes.count, let sample = SampledRecord.records(in: bytes)
        else { throw SampleError.damaged }
        return sample
    }
}

/// Why the master's sample of the input is of no use.
enum SampleError: Error, CustomStringConvertible {
    case tooLong(byteCount: Int64, byteCountMax: Int64)
    case damaged

    var description: String {
        switch self {
        case .tooLong(let byteCount, let byteCountMax):
            "the master's sample of the input has \(byteCount) bytes; \(byteCountMax) are allowed"
        case .damaged: "the master's sample of the input is damaged"
        }
    }
}
