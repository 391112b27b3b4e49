import LocalMachine
package import XMLRPCTransport

/// Tries a worker in any language against real masters, with faults between the two that happen in real life.
package struct Conformance: Sendable {
    private let options: ConformanceOptions
    private let threads: TransportThreads

    package init(_ options: ConformanceOptions, threads: TransportThreads) {
        self.options = options
        self.threads = threads
    }

    /// Takes away what runs of this user that were killed have left.
    package func sweep() { Stage.sweep(under: options.temporaryFolder) }

    /// Names and what each says a right worker does.
    package static var cases: [(name: String, summary: String, chapter: String)] {
        ConformanceCase.all.map { ($0.name, $0.summary, $0.chapter) }
    }

    package static let page = ConformanceCase.page

    package enum Verdict: Hashable, Sendable {
        case passed
        case failed(String)
        case notTried(String)
    }

    /// - Parameter name: One of ``cases``.
    /// - Throws: ``StageError``, or another error of this machine, which says nothing of the worker.
    package func verdict(of name: String) async throws -> Verdict {
        guard let wanted = ConformanceCase.all.first(where: { $0.name == name }) else {
            preconditionFailure("there is no case of that name")
        }
        let stage = try await Stage(options, threads: threads)
        do {
            try await wanted.body(stage)
            try Discipline(stage.transcript).check()
            await stage.close()
            return .passed
        } catch let finding as Finding {
            // What breaks a rule of every poll is most often what the rest comes from.
            let cause = Self.cause(of: finding, stage.transcript)
            await stage.close()
            return .failed("\(cause) (\(ConformanceCase.page), '\(wanted.chapter)')")
        } catch let notTried as NotTried {
            await stage.close()
            return .notTried(notTried.reason)
        } catch {
            await stage.close()
            throw error
        }
    }

    private static func cause(of finding: Finding, _ transcript: Transcript) -> Finding {
        do {
            try Discipline(transcript).check()
        } catch {
            guard error != finding else { return finding }
            return Finding(
                expected: error.expected, got: "\(error.got) (which may be why it came to: \(finding.got))",
                advice: error.advice)
        }
        // A task that a worker won't do looks from afar like one that it has lost.
        let reports = transcript.polls.flatMap { $0.poll?.reports ?? [] }
        guard let refusal = reports.first(where: { $0.outcome == "refused" }) else { return finding }
        return Finding(
            expected: finding.expected,
            got:
                "\(finding.got); the worker refused \(refusal.attempt), \(refusal.reason.isEmpty ? "and did not say why" : "and said: \(refusal.reason)")",
            advice: finding.advice)
    }
}
