import XMLRPC

/// What holds for all that a worker says, in every case.
struct Discipline {
    private let exchanges: [Exchange]

    /// What was delivered may cross with a poll that was being written.
    private static let crossing: Duration = .milliseconds(300)
    private static let pollsPerSecondMax = 20
    private static let pollsMin = 200

    init(_ transcript: Transcript) { exchanges = transcript.all }

    func check() throws(Finding) {
        try checkDocuments()
        let registrations = Set(exchanges.compactMap(\.poll).map { Registration($0) })
        for registration in registrations.sorted(by: { $0.worker < $1.worker }) {
            let polls = exchanges.filter { $0.poll.map { Registration($0) } == registration }
            try checkSequences(polls)
            try checkReports(polls)
            try checkRunning(polls)
            try checkRate(polls)
        }
    }

    private struct Registration: Hashable {
        let worker: Int
        let instance: String

        init(_ poll: PollSeen) { (worker, instance) = (poll.worker, poll.instance) }
    }

    private func checkDocuments() throws(Finding) {
        for exchange in exchanges {
            if case .failure(let fault)? = exchange.call {
                throw Finding(
                    expected: "nothing but XML-RPC documents by POST", got: "one that is none: \(fault.message)",
                    advice:
                        "escape & and <, leave out control characters, and send no bytes that are not UTF-8: reasons are text, whatever programs print"
                )
            }
            guard let code = exchange.faultCode, code < 0 || code == 102, case .fault(let fault)? = exchange.response
            else { continue }
            throw Finding(
                expected: "calls that the master understands",
                got: "fault \(code) to \(exchange.methodName ?? "a call"): \(fault.message)",
                advice: code == 102
                    ? "show the token that worker.register answered, and the secret to worker.register alone"
                    : "send the members that the page names, of the types that it names")
        }
    }

    /// The same number again is the same poll again; a new poll has the next number.
    private func checkSequences(_ polls: [Exchange]) throws(Finding) {
        var values: [Int: XMLRPCValue] = [:]
        for poll in polls.compactMap(\.poll) {
            if let known = values[poll.sequence], known != poll.value {
                throw Finding(
                    expected: "the same poll where its sequence is the same",
                    got: "another one with sequence \(poll.sequence)",
                    advice: "keep a poll until it is answered, and count sequence up only then")
            }
            values[poll.sequence] = poll.value
        }
        let numbers = values.keys.sorted()
        for (number, next) in zip(numbers, numbers.dropFirst()) where next != number + 1 {
            throw Finding(
                expected: "sequence \(number + 1) after \(number)", got: "\(next)",
                advice: "count sequence up by one with each new poll")
        }
    }

    /// What the worker was told of is not said again.
    private func checkReports(_ polls: [Exchange]) throws(Finding) {
        var settled: [String: (sequence: Int, delivered: ContinuousClock.Instant)] = [:]
        for exchange in polls {
            guard let poll = exchange.poll else { continue }
            for report in poll.reports {
                guard let earlier = settled[report.attempt], earlier.sequence != poll.sequence,
                    exchange.began > earlier.delivered + Self.crossing
                else { continue }
                throw Finding(
                    expected: "one report of \(report.attempt)", got: "another after it had its verdict",
                    advice: "forget a report as soon as the poll that it was in is answered")
            }
            guard let delivered = exchange.delivered, let answer = exchange.pollAnswer else { continue }
            for report in poll.reports.prefix(answer.verdictCount) where settled[report.attempt] == nil {
                settled[report.attempt] = (poll.sequence, delivered)
            }
        }
    }

    /// What was handed out is listed until it is reported.
    private func checkRunning(_ polls: [Exchange]) throws(Finding) {
        var held: [String: (since: ContinuousClock.Instant, sequence: Int)] = [:]
        // In the order in which the worker made them: two that are sent again at once may overtake each other.
        for (exchange, poll) in polls.compactMap({ exchange in exchange.poll.map { (exchange, $0) } })
            .sorted(by: { ($0.1.sequence, $0.0.number) < ($1.1.sequence, $1.0.number) })
        {
            for report in poll.reports { held[report.attempt] = nil }
            // Of two polls under way the later one was made before the answer to the earlier one, however late it came.
            for (attempt, handedOut) in held
            where exchange.began > handedOut.since + Self.crossing && poll.sequence > handedOut.sequence + 1
                && !poll.holds(attempt)
            {
                throw Finding(
                    expected: "\(attempt) in running, or a report of it, in each poll after it was handed out",
                    got: "a poll with neither (sequence \(poll.sequence))",
                    advice: "list every attempt that is not reported yet, else its lease runs out")
            }
            guard let delivered = exchange.delivered, let answer = exchange.pollAnswer else { continue }
            for attempt in answer.assigned where held[attempt] == nil {
                held[attempt] = (delivered, poll.sequence)
            }
            for attempt in answer.cancelled { held[attempt] = nil }
        }
    }

    private func checkRate(_ polls: [Exchange]) throws(Finding) {
        guard polls.count > Self.pollsMin, let first = polls.first, let last = polls.last else { return }
        let seconds = Int((last.began - first.began).components.seconds) + 1
        guard polls.count / seconds > Self.pollsPerSecondMax else { return }
        throw Finding(
            expected: "at most \(Self.pollsPerSecondMax) polls a second", got: "\(polls.count) in \(seconds) s",
            advice:
                "let the master hold the answer back: wait_seconds is heartbeat_seconds while there is nothing to do")
    }
}
