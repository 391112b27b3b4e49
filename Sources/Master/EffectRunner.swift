import Coordinator
import DataWorkers
import Glibc
import Model
import Shell

/// Carries out what the coordinator decides, but for replies. Nothing here decides anything.
struct EffectRunner: Sendable {
    let context: MasterContext
    let center: CenterState
    /// Runs what may wait for a disk, on another thread.
    let runBlocking: @Sendable (@escaping @Sendable () -> Void) -> Void
    let onNotice: @Sendable (Notice) -> Void
    let onEnded: @Sendable (JobID, JobOutcome, CoordinatorShell) -> Void

    @Sendable
    func run(_ effect: Effect, for shell: CoordinatorShell) {
        switch effect {
        case .reply:
            preconditionFailure("the shell answers its callers itself")
        case .commitOutput(let attempt, let summary):
            runBlocking { shell.submit(commit(attempt, summary)) }
        case .discardOutput(let attempt):
            runBlocking { output(of: attempt.task.job)?.discard(attempt) }
        case .keepSimpleOutput(let request, let attempt):
            // At once and not on another thread: the acceptance that follows must not overtake it. Should it fail, the
            // first reader finds nothing and the map task runs again.
            rename(context.uploadPath(request), context.heldOutputPath(attempt))
        case .discardSimpleOutput(let request):
            unlink(context.uploadPath(request))
        case .discardHandedOver(let attempt):
            runBlocking { unlink(context.heldOutputPath(attempt)) }
        case .finishJob(let job):
            runBlocking { shell.submit(finish(job, skipped: shell.read { $0.skippedRecords(of: job) })) }
        case .jobEnded(let job, let outcome):
            onEnded(job, outcome, shell)
        case .computation(let effect): center.carryOut(effect)
        case .notice(.computation(let notice)): center.tell(notice)
        case .notice(let notice):
            if case .workerLeft(let worker, _) = notice { context.forget(worker) }
            onNotice(notice)
        }
    }

    /// nil where nothing is done there any more.
    private func output(of job: JobID) -> OutputFolder? { context.job(job)?.output }

    private func commit(_ attempt: AttemptID, _ summary: OutputSummary) -> Event {
        do throws(OutputError) {
            guard let output = output(of: attempt.task.job) else { throw .jobIsOver(name: "\(attempt)") }
            try output.commit(attempt, summary)
            return .commitSucceeded(attempt)
        } catch {
            return .commitFailed(attempt, reason: "\(error)")
        }
    }

    private func finish(_ job: JobID, skipped: [(task: TaskID, record: SkippedRecord)]) -> Event {
        do throws(OutputError) {
            guard let served = context.job(job), let output = served.output else { throw .jobIsOver(name: "\(job)") }
            let list = skipped.isEmpty ? nil : SkippedList(files: served.plan.files, records: skipped)
            try output.finish(partCount: served.plan.reduceCount, skipped: list)
            return .jobFinished(job)
        } catch {
            return .jobFinishFailed(job, reason: "\(error)")
        }
    }
}
