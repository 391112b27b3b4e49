// Answers that do not come, or not whole.

extension ConformanceCase {
    static let answers = [
        ConformanceCase(
            "registration-lost", "registers again when the answer is lost", chapter: "Polling"
        ) { stage in
            stage.front.add(Fault("the answer is lost", .answerLost) { $0.methodName == "worker.register" })
            try await stage.count(.words)
            try stage.startWorker()
            _ = try await stage.waitForFault("the answer is lost", advice: "begin with worker.register")
            try await stage.wait(
                for: "worker.register again", within: Stage.patience, advice: "try again when no answer comes"
            ) { stage.transcript.calls(of: "worker.register").count > 1 }
            try await stage.expectResult(of: .words)
        },
        polls("assignment-lost", "sends the same poll again when an answer with attempts is lost", .answerLost) {
            $0.pollAnswer?.assigned.isEmpty == false
        },
        polls("report-lost", "sends the same poll again when the answer to reports is lost", .answerLost) {
            $0.poll?.reports.isEmpty == false
        },
        polls(
            "poll-unheard", "sends the same poll again when the connection broke before the master heard it", .unheard
        ) {
            $0.poll?.reports.isEmpty == false
        },
        polls("answer-cut", "sends the same poll again when an answer is cut off in the middle", .answerCut) {
            $0.pollAnswer?.assigned.isEmpty == false
        },
        polls(
            "master-busy", "sends the same poll again when the answer is status 503",
            .answered(status: 503, text: "busy")
        ) {
            ($0.poll?.sequence ?? 0) > 1
        },
        ConformanceCase(
            "connections-closed", "goes on when connections end after each answer", chapter: "Polling"
        ) { stage in
            stage.front.add(Fault("closed", .closed, count: .max) { _ in true })
            try await stage.count(.words, ["--split-size", "256"])
            try stage.startWorker()
            try await stage.expectResult(of: .words)
        },
        ConformanceCase(
            "transfer-lost", "hands an attempt back, or tries again, when input or output breaks off", chapter: "A task"
        ) { stage in
            let isData: @Sendable (Exchange) -> Bool = { exchange in
                ["/records/", "/pairs/", "/output/", "/input/"].contains { exchange.path.hasPrefix($0) }
            }
            stage.front.add(Fault("input cut", .answerCut) { isData($0) && $0.method == "GET" })
            stage.front.add(Fault("output unheard", .unheard) { isData($0) && $0.method == "PUT" })
            try await stage.count(.words)
            try stage.startWorker()
            try await stage.expectResult(of: .words)
            let failed = stage.transcript.polls.flatMap { $0.poll?.reports ?? [] }.first { $0.outcome == "failed" }
            guard let failed else { return }
            throw Finding(
                expected: "no failure where a connection broke", got: "a report that \(failed.attempt) failed",
                advice: "hand such an attempt back: four failures of one task fail the job")
        },
    ]

    private static func polls(
        _ name: String, _ summary: String, _ action: Fault.Action, concerns: @escaping @Sendable (Exchange) -> Bool
    ) -> ConformanceCase {
        ConformanceCase(name, summary, chapter: "Polling") { stage in
            stage.front.add(Fault(name, action) { $0.poll != nil && concerns($0) })
            try await stage.count(.words)
            try stage.startWorker()
            let lost = try await stage.waitForFault(name, advice: "poll for attempts, and report them in a poll")
            try await stage.expectRepeat(of: lost)
            try await stage.expectResult(of: .words)
        }
    }
}
