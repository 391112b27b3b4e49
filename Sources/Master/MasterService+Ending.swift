package import Coordinator
import LocalMachine
import Model
import Launchers

// How a master comes to its end.

extension MasterService {
    /// What stays of the job, when it has failed. Known once ``run()`` has returned.
    package var failureThatStays: FailureLeft? { conclusion.failureLeft }

    /// Of the job that goes on for longest, else of the newest.
    package var status: JobStatus? { shell.read { $0.jobToShow.flatMap($0.status) } }

    /// The job that ``status`` is of.
    package var job: ServedJob? { shell.read(\.jobToShow).flatMap(context.job) }

    /// Lets the master stop: with a journal its jobs can be resumed, without one they are given up. ``run()`` returns.
    package func interrupt(reason: String) {
        let open = shell.read(\.openJobNumbers)
        // What was not begun can't go on.
        if journal == nil || (!configuration.policy.servesQueue && !hasProgress) {
            for job in open { shell.submit(.jobCancelled(job, reason: "interrupted by \(reason)")) }
            guard configuration.policy.servesQueue else { return }
        }
        interruption.yield(.interrupted(reason: reason))
    }

    private var hasProgress: Bool {
        guard let status, let job = shell.read(\.jobToShow) else { return false }
        // Parts that are being committed count as done.
        let mayBeCommitting = status.isMapOnly ? status.maps.running : status.reduces.running
        return job.number > 1 || status.maps.completed + status.reduces.completed + mayBeCommitting > 0
    }

    /// Waits for the end of the job, takes leave of the workers, and leaves nothing behind but a whole output, and what is
    /// needed to resume a job that is not over.
    package func run() async -> MasterEnd {
        var ended: MasterEnd = .interrupted(reason: "the master was closed")
        for await end in ends {
            ended = end
            break
        }
        // Before workers are waited for: a script that still runs may count on the master.
        await desk?.close(within: Self.farewellMax)
        if case .over = ended {} else { await leaveOpen(ended) }
        await takeLeave()
        await stopServing()
        switch ended {
        case .interrupted: if let outcome = await outcomeMeanwhile() { ended = .over(outcome) }
        // Nothing was left to be kept but that it is all done.
        case .journalFailed: if isAllDone { ended = .over(.succeeded) }
        case .over, .stuck: break
        }
        if case .over(let outcome) = ended, let reason = trouble(after: outcome) { ended = .stuck(reason: reason) }
        await close(keepsJob: !ended.isOver && journal != nil)
        return ended
    }

    /// How a job has ended that was to stay open; nil when it stays open. What was reported before a worker was sent away
    /// counts, and may have been all that was missing.
    private func outcomeMeanwhile() async -> JobOutcome? {
        guard !configuration.policy.servesQueue else { return nil }
        let deadline = ContinuousClock.now + Self.farewellMax
        await shell.settle()
        while shell.read({ $0.jobToShow.map($0.isAboutToEnd) ?? false }), ContinuousClock.now < deadline {
            // As in taking leave.
            try? await Task.sleep(for: .milliseconds(2))
        }
        guard let overview = shell.read({ $0.jobToShow.flatMap($0.overview) }),
            !Self.expectsSuccessor(overview)
        else { return nil }
        return overview.status.outcome
    }

    /// What was to be done after the last of several jobs and could not be; nil where all is done.
    private func trouble(after outcome: JobOutcome) -> String? {
        guard configuration.followUp != nil, let job else { return nil }
        do {
            try conclusion.conclude(job.id, outcome, shell: shell)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Whether anything is, or may come, that workers are needed for.
    var mayHaveTasks: Bool {
        configuration.policy.servesQueue
            || shell.read { coordinator in
                let last = coordinator.jobToShow.flatMap(coordinator.overview)
                return last.map { $0.status.outcome == nil || Self.expectsSuccessor($0) } ?? true
            }
    }

    private var isAllDone: Bool {
        !configuration.policy.servesQueue && configuration.followUp == nil && job?.output?.isFinished == true
    }

    /// Whether the end of a job is not that of all.
    static func expectsSuccessor(_ job: JobOverview) -> Bool {
        job.status.outcome == .succeeded && job.terms.expectsSuccessor
    }

    /// Workers of other origin are sent away; those that the master started leave their map output to whoever resumes the
    /// job.
    private func leaveOpen(_ end: MasterEnd) async {
        for workers in [localWorkers, standbyWorker] { await workers?.killAll() }
        if case .interrupted(let reason) = end { shell.submit(.masterInterrupted(reason: reason)) }
        await shell.settle()
    }

    private func takeLeave() async {
        let deadline = ContinuousClock.now + Self.farewellMax
        while !shell.read({ $0.isEveryLiveWorkerToldToStop }), ContinuousClock.now < deadline {
            // Cut short only when the whole process is going down, and then there is nothing to wait for.
            try? await Task.sleep(for: .milliseconds(2))
        }
        let workers = [localWorkers, standbyWorker].compactMap { $0 }
        for workers in workers { await workers.stop(within: Self.farewellMax) }
    }

    /// Nothing can go on any more; where all is well there is nothing.
    private func tidyUpAfterSteps() {
        guard !configuration.policy.servesQueue, let tidyUp = configuration.tidyUp,
            let terms = shell.read({ $0.jobToShow.flatMap($0.overview)?.terms })
        else { return }
        tidyUp(terms)
    }

    func stopServing() async {
        do {
            try record.remove(in: stateDirectory, host: host, port: port)
        } catch {
            // The next master at this address replaces it, and a worker that finds it meets a closed port.
        }
        context.access?.end(keepsSecrets: configuration.port > 0)
        await server.shutdown(grace: .milliseconds(200))
    }

    /// - Parameter keepsJob: Whether what is needed to resume the job stays.
    func close(keepsJob: Bool) async {
        if keepsJob {
            journal?.close()
        } else {
            for job in context.jobs {
                job.output?.withdraw()
                conclusion.leaveFailure(of: job, shell: shell)
                // Before the journal: as long as that is there, a start comes to its end, and nothing else stays in the folder.
                job.output?.removeDrafts()
            }
            logs.removeAll()
            // What stays is found by the next start, and told of there.
            try? journal?.remove()
            tidyUpAfterSteps()
            for job in context.jobs { job.output?.abandon() }
            context.removeHeld()
            // Workers that were killed, because they did not end in time or earlier, can't tidy up any more.
            if localWorkers != nil || standbyWorker != nil { ScratchFolder.sweep(under: configuration.temporaryFolder) }
        }
        do {
            try await threads.shutdown()
        } catch {
            // The process is about to end and takes its threads along.
        }
    }
}
