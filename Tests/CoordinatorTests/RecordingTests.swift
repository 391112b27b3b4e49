import Coordinator
import Model
import Simulation
import TestSupport
import Testing

/// Events and coordinators as bytes.
struct RecordingTests {
    @Test(
        "Events and snapshots come back equal after any events, and equal values give equal bytes",
        arguments: UInt64(0)..<60)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var events = RandomEvents(random: SplitMix64(seed: seed &+ 1))
        var coordinator = Coordinator(policy: Policy(), assertsInvariants: false)
        var now = JobTime.zero
        for _ in 0..<300 {
            now = now + events.pause()
            let stamped = StampedEvent(event: events.next(), now: now)
            let bytes = StampedEvent.recorded([stamped])
            try #require(try StampedEvent.read(bytes) == [stamped], "seed \(seed)")
            events.learn(from: coordinator.apply(stamped.event, now: now))
            guard random.happens(0.1) else { continue }
            let snapshot = coordinator.snapshot
            let reread = try Coordinator(snapshot: snapshot, assertsInvariants: false)
            try #require(reread == coordinator, "seed \(seed)")
            try #require(reread.snapshot == snapshot, "seed \(seed)")
            // One goes on from bytes, the other did not stop: nobody can tell them apart.
            coordinator = random.happens(0.5) ? reread : coordinator
        }
    }

    @Test("Every field of an event survives: extreme numbers, empty and odd bytes, no text but UTF-8")
    func extremes() throws {
        let plan = JobPlan(
            id: JobID(number: 7), application: ApplicationChoice(name: "α", options: ["b": [0, 255], "a": []]),
            files: [
                InputFile(path: [47, 255, 10], name: [], byteCount: .max, modifiedNanoseconds: .min),
                InputFile(path: [], name: [0], byteCount: 0, modifiedNanoseconds: -1, compression: .zstandard),
            ],
            splits: [[], [SplitPiece(fileIndex: 1, offset: .max, byteCount: 0)]], reduceCount: 10_000,
            allowsSimpleWorkers: true, cutPoints: [[], [0], [255, 255]], skippedRecordsMax: .max,
            forms: DataForms(input: .fixed(byteCount: 1), skipsHeaders: true, output: .key, compression: .gzip))
        let mapOnly = JobPlan(
            id: JobID(number: 8), application: ApplicationChoice(name: "a"), files: [],
            splits: [[], [SplitPiece(fileIndex: 0, offset: 1, byteCount: 2)]], reduceCount: 2,
            allowsSimpleWorkers: false,
            isMapOnly: true,
            shipped: [
                ShippedFile(
                    file: InputFile(path: [47], name: [255], byteCount: .max, modifiedNanoseconds: .min),
                    digest: [0, 255],
                    isExecutable: true, isArchive: true)
            ])
        var counters = TaskCounters()
        for (index, (_, path)) in TaskCounters.named.enumerated() { counters[keyPath: path] = Int64.max - Int64(index) }
        var result = AttemptResult(
            output: OutputSummary(byteCount: .max, checksum: .max), counters: counters,
            topKeys: [KeyCount(key: [], count: .min)])
        result.skipped = [
            SkippedRecord(place: .record(fileIndex: .max, offset: .min, byteCount: .max), ending: ""),
            SkippedRecord(place: .group(key: [0, 255], keyByteCount: .max, valueCount: .min), ending: "\n"),
        ]
        let name = CounterName(group: [0xFF], name: [])
        result.userCounters = UserCounters(
            [
                UserCounter(name: name, value: .min),
                UserCounter(name: CounterName(group: [0xFF], name: [0]), value: .max),
            ], isCut: true)
        let poll = Poll(
            worker: WorkerID(number: 3), sequence: .min,
            reports: [
                AttemptReport(attempt: map(1), outcome: .succeeded(result)),
                AttemptReport(attempt: reduce(2, 5), outcome: .failed(reason: "\u{0}\n\"")),
                AttemptReport(
                    attempt: reduce(2, 6),
                    outcome: .fetchFailed([MapOutputID(mapIndex: -1, attemptNumber: 0)], reason: "")),
                AttemptReport(
                    attempt: reduce(2, 7),
                    outcome: .fetchFailed(
                        FetchFailure(
                            lost: [], damaged: [MapOutputID(mapIndex: 1, attemptNumber: 2)],
                            unreachable: [MapOutputID(mapIndex: .max, attemptNumber: .min)], reason: "ü"))),
                AttemptReport(attempt: map(5), outcome: .diskFull(reason: "full")),
                AttemptReport(attempt: map(6), outcome: .notHandedOver(reason: "")),
                AttemptReport(attempt: map(7), outcome: .refused(reason: "not among them")),
                AttemptReport(attempt: map(3), outcome: .handedBack),
                AttemptReport(attempt: map(3, 2), outcome: .failedForGood(reason: "\t")),
            ], running: [map(4)], capacity: .max, waitMax: .milliseconds(1) / 3, isDraining: true,
            handingOverCount: .max, jobs: [JobID(number: 3)])
        let request = RequestID(number: .max)
        let events: [Event] = [
            .jobSubmitted(plan), .jobPaused(plan.id), .jobResumed(plan.id), .jobConcluded(plan.id),
            .jobConcluded(plan.id, trouble: "x"),
            .jobPrioritized(plan.id, priority: -100),
            .jobSubmitted(
                plan,
                JobTerms(
                    submitter: "ada", priority: 100, isPaused: true, expectsSuccessor: true, follows: plan.id,
                    details: [0, 255])),
            .jobSubmitted(mapOnly), .polled(poll, request: request),
            .workerRegistered(
                WorkerProfile(name: "w", slots: -1, applications: ["b", "a"], details: [1, 2]), request: request),
            .drainRequested(WorkerID(number: 2), request: request), .outputHandedOver(map(9, 9)),
            .masterRestarted(Policy(), ended: [WorkerID(number: 1)]), .masterInterrupted(reason: "SIGINT"),
            .simpleTaskCompleted(map(1), name: "s", result: result, request: request),
        ]
        let stamped = events.map { StampedEvent(event: $0, now: JobTime(sinceStart: .nanoseconds(-3))) }
        #expect(try StampedEvent.read(StampedEvent.recorded(stamped)) == stamped)
    }

    @Test("Bytes that were cut or changed are an error or another value, never a trap", arguments: UInt64(0)..<40)
    func damaged(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var events = RandomEvents(random: SplitMix64(seed: seed))
        var coordinator = Coordinator(policy: Policy(), assertsInvariants: false)
        var batch: [StampedEvent] = []
        for step in 0..<60 {
            batch.append(StampedEvent(event: events.next(), now: JobTime(sinceStart: .milliseconds(step * 100))))
            events.learn(from: coordinator.apply(batch[step].event, now: batch[step].now))
        }
        let record = StampedEvent.recorded(batch)
        let snapshot = coordinator.snapshot
        var errorCount = 0
        for _ in 0..<400 {
            var (events, state) = (record, snapshot)
            if random.happens(0.3) {
                events.removeLast(random.number(in: 1...(events.count - 1)))
                state.removeLast(random.number(in: 1...(state.count - 1)))
            } else {
                events[random.number(in: 0...(events.count - 1))] ^= UInt8(1 << random.number(in: 0...7))
                state[random.number(in: 0...(state.count - 1))] ^= UInt8(1 << random.number(in: 0...7))
            }
            do { _ = try StampedEvent.read(events) } catch { errorCount += 1 }
            do { _ = try Coordinator(snapshot: state, assertsInvariants: false) } catch { errorCount += 1 }
        }
        #expect(errorCount > 100, "seed \(seed)")
    }
}
