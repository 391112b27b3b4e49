// Attempts that take long, fail, or are not wanted any more.

extension ConformanceCase {
    private static let slowSeconds = 8
    static let attempts = [
        ConformanceCase(
            "heartbeats", "polls while a program runs that takes longer than a lease", chapter: "Polling"
        ) { stage in
            try await stage.stream(.phrase, mapper: TrialPrograms.slow(seconds: slowSeconds))
            try stage.startWorker()
            try await stage.waitForRegistration(needs: "streaming")
            try await stage.wait(for: "the end of the job", advice: "see what its requests were answered") {
                let assigned = stage.transcript.polls.flatMap { $0.pollAnswer?.assigned ?? [] }
                if let second = assigned.first(where: { $0.hasSuffix("-2") }) {
                    throw Finding(
                        expected: "one attempt of a map task of \(slowSeconds) s, with a lease of \(Stage.leaseLength)",
                        got: "another, \(second), because the lease of the first ran out",
                        advice: "poll at least every heartbeat_seconds while a task runs, and list it in running")
                }
                return stage.master.process.exit != nil
            }
            try await stage.expectResult(of: .phrase)
        },
        ConformanceCase(
            "program-fails", "reports a program that fails as failed, and tries again when it is told to",
            chapter: "A task"
        ) { stage in
            try await stage.expectFailure(of: TrialPrograms.failing(mark: stage.folder + "/tried"))
        },
        ConformanceCase(
            "odd-reason",
            "reports a failure whose reason has control characters, bytes that are no UTF-8, and too many",
            chapter: "A task"
        ) { stage in
            try await stage.expectFailure(of: TrialPrograms.raving(mark: stage.folder + "/tried"))
        },
        ConformanceCase(
            "attempt-cancelled", "drops an attempt whose lease was lost, and takes the next", chapter: "Polling"
        ) { stage in
            let release = stage.folder + "/release"
            try await stage.stream(.phrase, mapper: TrialPrograms.stuck(mark: stage.folder + "/tried", until: release))
            try stage.startWorker()
            try await stage.waitForRegistration(needs: "streaming")
            let attempt = try await stage.waitForAttempt(1)
            // To the master it looks as if the worker had never got it.
            stage.front.add(
                Fault("not listed", .rewritten { $0.withoutRunning }, count: .max) { $0.poll != nil })
            try await Task.sleep(for: Stage.leaseLength + .seconds(1))
            stage.front.clearFaults()
            try await stage.wait(
                for: "polls that list \(attempt) while it runs", advice: "list what runs in each poll"
            ) { stage.transcript.polls.contains { $0.pollAnswer?.cancelled.contains(attempt) == true } }
            try await stage.wait(
                for: "\(attempt) to be dropped after the answer named it in cancelled", within: Stage.patience,
                advice: "kill what runs for it, and list it no more"
            ) {
                // Not the last poll alone: a worker that waits for work has the next one under way most of the time.
                let polls = stage.transcript.polls
                guard let told = polls.first(where: { $0.pollAnswer?.cancelled.contains(attempt) == true })?.delivered
                else { return false }
                return polls.contains { $0.began > told && $0.poll?.running.contains(attempt) == false }
            }
            try TrialFiles.write([], to: release)
            try await stage.expectResult(of: .phrase)
        },
        ConformanceCase(
            "job-cancelled", "ends, with all that it has started, when its job is cancelled", chapter: "Polling"
        ) { stage in
            try await stage.stream(.phrase, mapper: TrialPrograms.stuck(mark: stage.folder + "/tried"))
            try stage.startWorker()
            try await stage.waitForRegistration(needs: "streaming")
            try await stage.waitForAttempt(1)
            try await stage.wait(for: "the mapper to be started", advice: "run it by sh -c") {
                TrialFiles.exists(stage.folder + "/tried")
            }
            // The master waits a second for everybody to hear of it: as long as there may be between two polls.
            let count = stage.transcript.polls.count
            try await stage.wait(
                for: "another poll while a program runs", advice: "poll at least every heartbeat_seconds"
            ) { stage.transcript.polls.dropFirst(count).contains { $0.delivered != nil } }
            try await Task.sleep(for: .milliseconds(400))
            _ = try await stage.master.call("job.cancel", ["mr-ctl conform"])
            try await stage.expectEnd(of: stage.worker, exitCode: 0, after: Stage.stopped)
            try await stage.wait(
                for: "the end of the programs that it ran", within: .seconds(5), mayEnd: true,
                advice: "start each in a process group of its own, and kill that"
            ) { stage.processesLeft == 0 }
        },
    ]
}

extension TrialInput {
    fileprivate static let phrase = TrialInput(files: [Array("to be or not to be\n".utf8)])
}

extension Stage {
    /// - Parameter mapper: Ends with exit code 3 at the first try.
    fileprivate func expectFailure(of mapper: String) async throws {
        try await stream(.phrase, mapper: mapper)
        try startWorker()
        try await waitForRegistration(needs: "streaming")
        let attempt = try await waitForAttempt(1)
        try await wait(for: "a report of \(attempt)", advice: "report what has become of every attempt") {
            transcript.polls.contains { $0.poll?.reports.contains { $0.attempt == attempt } == true }
        }
        let reports = transcript.polls.flatMap { $0.poll?.reports ?? [] }
        let outcome = reports.first { $0.attempt == attempt }?.outcome ?? ""
        guard outcome == "failed" else {
            throw Finding(
                expected: "the outcome 'failed' of \(attempt), whose program ended with exit code 3",
                got: "'\(outcome)'",
                advice: "an exit code other than 0 is a failure, whatever was written before")
        }
        try await expectResult(of: .phrase)
    }
}
