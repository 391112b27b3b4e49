import XMLRPC

// Workers and masters that come and go.

extension ConformanceCase {
    private static let input = TrialInput(files: [Array("to be or not to be\n".utf8), Array("that is it\n".utf8)])

    /// Of refusals, before a worker must have seen that they stay.
    private static let triesMax = 5

    static let comingAndGoing = [
        ConformanceCase(
            "worker-forgotten", "registers again when the master no longer knows it (fault 100)", chapter: "Polling"
        ) { stage in
            try await stage.count(input)
            stage.front.add(Fault("held up", .answered(status: 503, text: "busy"), count: .max) { $0.poll != nil })
            try stage.startWorker()
            try await stage.waitForRegistration()
            let poll = try await stage.waitForFault("held up", advice: "poll after worker.register").poll
            guard let poll else { preconditionFailure("only polls are held up") }
            // As if another process of that name had said goodbye.
            _ = try await stage.master.call("worker.leave", [.int(Int32(poll.worker)), .string(poll.instance)])
            stage.front.clearFaults()
            try await stage.wait(
                for: "worker.register again after fault 100", within: Stage.patience,
                advice: "drop what runs and register again, with the secret and not with the token"
            ) { stage.transcript.calls(of: "worker.register").count > 1 }
            try await stage.expectResult(of: input)
        },
        ConformanceCase(
            "sent-away", "ends, and does not come back, when it is sent away (fault 103)", chapter: "Polling"
        ) { stage in
            try await stage.stream(input, mapper: TrialPrograms.stuck(mark: stage.folder + "/tried"))
            try stage.startWorker()
            try await stage.waitForRegistration()
            _ = try await stage.master.call("worker.kick", [.string(stage.workerName)])
            let known = stage.transcript.calls(of: "worker.register").count
            try await stage.expectEnd(of: stage.worker, exitCode: nil, after: "fault 103")
            let count = stage.transcript.calls(of: "worker.register").count - known
            guard count > 0 else { return }
            throw Finding(
                expected: "no worker.register after fault 103", got: "\(count)", advice: "end, with a message")
        },
        ConformanceCase(
            "wrong-secret", "ends with a message when its secret is refused", chapter: "Getting in"
        ) { stage in
            guard stage.usesJoinLine else { throw NotTried(reason: "the command has no {join} in it") }
            try await stage.count(input)
            try stage.spoilSecret()
            try stage.startWorker()
            try await stage.expectEnd(of: stage.worker, exitCode: nil, after: "status 401 to worker.register")
            let tries = stage.transcript.calls(of: "worker.register").count
            guard (1...triesMax).contains(tries) else {
                throw Finding(
                    expected: "worker.register once, or a few times", got: "\(tries) times",
                    advice: "give up when the secret is wrong: it does not get better by trying")
            }
            try stage.expectMessage()
        },
        ConformanceCase(
            "wrong-pin", "sends nothing to a master with another key", chapter: "Getting in"
        ) { stage in
            guard stage.usesJoinLine else { throw NotTried(reason: "the command has no {join} in it") }
            try await stage.count(input)
            try stage.spoilPin()
            try stage.startWorker()
            try await stage.wait(
                for: "its end after it was shown another key than the join line's", within: Stage.patience,
                mayEnd: true,
                advice: "compare the key's pin right after the handshake"
            ) { stage.worker.exit != nil || !stage.transcript.all.isEmpty }
            if let first = stage.transcript.all.first {
                throw Finding(
                    expected: "no request to a master with another key than the join line's",
                    got: "\(first.method) \(first.path), with the secret for whoever listens",
                    advice: "compare the key's pin right after the handshake, before anything is sent")
            }
            try await stage.expectEnd(of: stage.worker, exitCode: nil, after: "it was shown another key")
            try stage.expectMessage()
        },
        ConformanceCase(
            "master-restarts", "goes on when the master is killed and started again", chapter: "Polling"
        ) { stage in
            try await stage.count(.words, ["--split-size", "256"])
            try stage.startWorker()
            try await stage.wait(for: "a map attempt that is accepted", advice: "report each attempt in a poll") {
                stage.transcript.polls.contains {
                    $0.poll?.reports.isEmpty == false && $0.pollAnswer.map { $0.verdictCount > 0 } == true
                }
            }
            stage.master.process.kill()
            await stage.front.stop()
            try await Task.sleep(for: .seconds(2))
            try await stage.startMasterAgain()
            try await stage.front.startAgain()
            try await stage.expectResult(of: .words)
        },
        ConformanceCase(
            "worker-killed", "leaves nothing behind that hinders the next one when it is killed", chapter: "Polling"
        ) { stage in
            try await stage.stream(input, mapper: TrialPrograms.slow(seconds: 2))
            let first = try stage.startWorker()
            try await stage.waitForRegistration(needs: "streaming")
            try await stage.waitForAttempt()
            first.kill()
            try stage.startWorker()
            try await stage.expectResult(of: input)
        },
        ConformanceCase(
            "drained", "ends with exit code 0 when it is drained, and another finishes the job", chapter: "Polling"
        ) { stage in
            try await stage.stream(input, mapper: TrialPrograms.slow(seconds: 3))
            let first = try stage.startWorker()
            try await stage.waitForRegistration(needs: "streaming")
            try await stage.waitForAttempt()
            _ = try await stage.master.call("worker.drain", [.string(stage.workerName)])
            try await stage.expectEnd(of: first, exitCode: 0, after: Stage.stopped)
            try stage.startWorker()
            try await stage.expectResult(of: input)
        },
    ]
}

extension Stage {
    /// What the newest registration calls itself.
    fileprivate var workerName: String {
        transcript.calls(of: "worker.register").last?.document?.parameters.first?["name"]?.asString ?? ""
    }

    fileprivate func expectMessage() throws {
        guard worker.printed.isEmpty else { return }
        throw Finding(
            expected: "a message that says why it ends", got: "nothing on its standard output or error",
            advice: "people read it to mend the join line")
    }
}

extension MethodCall {
    /// A poll that lists nothing.
    var withoutRunning: MethodCall {
        guard case .structure(var members)? = parameters.first else { return self }
        members["running"] = .array([])
        return MethodCall(methodName: methodName, parameters: [.structure(members)])
    }
}
