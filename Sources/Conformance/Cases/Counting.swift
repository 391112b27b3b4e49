// What comes out, with nothing going wrong.

extension ConformanceCase {
    static let counting = [
        ConformanceCase(
            "words", "counts words, and ends with exit code 0 when it is told to stop", chapter: "The whole of it"
        ) { stage in
            try await stage.countAll(.words)
        },
        ConformanceCase(
            "no-records", "reports success where there is nothing to count", chapter: "A task"
        ) { stage in
            try await stage.countAll(.nothing)
        },
        ConformanceCase(
            "odd-bytes", "counts words of any bytes: control characters, NUL, what is not UTF-8", chapter: "A task"
        ) { stage in
            try await stage.countAll(.oddBytes)
        },
        ConformanceCase(
            "huge-key", "counts a word of 1 MiB", chapter: "A task"
        ) { stage in
            try await stage.countAll(.hugeKey)
        },
        ConformanceCase(
            "options", "refuses a job with options that it does not know, or heeds them", chapter: "A task"
        ) { stage in
            try await stage.count(.cases, ["--lowercase"])
            try stage.startWorker()
            try await stage.wait(for: "counts of lower case words, or the outcome 'refused'", advice: "see its reports")
            {
                if stage.master.process.exit != nil { return true }
                return stage.transcript.polls.contains { $0.poll?.reports.contains { $0.outcome == "refused" } == true }
            }
            guard stage.master.process.exit == .code(0) else { return }
            try await stage.expectResult(of: .lowercased)
        },
        ConformanceCase(
            "no-reduce-step", "maps in reduce attempts that have an input", chapter: "A task"
        ) { stage in
            try await stage.pass(.words)
            try stage.startWorker()
            try await stage.waitForRegistration(needs: "streaming")
            try await stage.expectLines(of: .words)
        },
        ConformanceCase(
            "two-workers", "works beside another of its kind", chapter: "Polling"
        ) { stage in
            try await stage.count(.words, ["--split-size", "256"])
            let first = try stage.startWorker()
            try stage.startWorker()
            try await stage.expectResult(of: .words)
            try await stage.expectEnd(of: first, exitCode: 0, after: Stage.stopped)
        },
    ]
}

extension Stage {
    fileprivate func countAll(_ input: TrialInput) async throws {
        try await count(input)
        try startWorker()
        try await waitForRegistration(needs: "wordcount")
        try await expectResult(of: input)
    }
}
