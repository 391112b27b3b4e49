import Model
import Testing
import WorkerProtocol
import XMLRPC

@Suite("Messages of the worker protocol")
struct MessageTests {
    private let map = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 4), number: 2)
    private let reduce = AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: 0), number: 1)
    private let place = WorkerPlace(host: "boot", scratch: [0x2f, 0xff], address: "127.0.0.1:9")

    private func counters() -> TaskCounters {
        var counters = TaskCounters()
        counters.inputBytes = 5_000_000_000
        counters.reduceKeys = 3
        return counters
    }

    @Test("a registration survives the way")
    func registration() throws {
        let request = RegisterRequest(name: "näme", slots: 3, applications: ["a", "b"], place: place)
        #expect(try RegisterRequest(onTheWire(request.value)) == request)
        let supervised = RegisterRequest(
            name: "w", slots: 1, applications: [], place: place,
            supervision: Supervision(key: "k3y", restartCount: 2, lastEnd: "was killed by signal 9"))
        #expect(try RegisterRequest(onTheWire(supervised.value)) == supervised)
        let answer = RegisterAnswer(
            worker: WorkerID(number: 9), leaseLength: .seconds(10), heartbeatInterval: .milliseconds(3_250),
            instance: "i")
        #expect(try RegisterAnswer(onTheWire(answer.value)) == answer)
        for compression in IntermediateCompression.allCases {
            let answer = RegisterAnswer(
                worker: WorkerID(number: 9), leaseLength: .seconds(10), heartbeatInterval: .seconds(3), instance: "i",
                intermediateCompression: compression)
            #expect(try RegisterAnswer(onTheWire(answer.value)) == answer)
        }
        guard case .structure(var members) = answer.value else { return }
        #expect(members["compress_intermediate"] == nil, "nothing is said of what goes without saying")
        members["compress_intermediate"] = .string("sometimes")
        #expect(throws: XMLRPCFault.self) { try RegisterAnswer(.structure(members)) }
    }

    @Test("a worker without a data port may leave out where it is, and what its output is like")
    func plain() throws {
        let registration = try RegisterRequest(
            onTheWire(["version": .int(Int32(ProtocolVersion.current)), "name": "n", "slots": 1, "applications": []]))
        #expect(registration.place == WorkerPlace(host: "", scratch: [], address: ""))
        let nothing = AttemptResult(output: OutputSummary(byteCount: 0, checksum: 0))
        let request = PollRequest(
            worker: WorkerID(number: 2), instance: "i", sequence: 8,
            reports: [map, reduce].map { AttemptReport(attempt: $0, outcome: .succeeded(nothing)) }, running: [],
            capacity: 1, waitMax: .zero, unmeasured: [map])
        let received = try PollRequest(onTheWire(request.value))
        #expect(received == request && received.unmeasured == [map])
    }

    @Test("a poll with every kind of report survives the way")
    func poll() throws {
        let result = AttemptResult(
            output: OutputSummary(byteCount: 6_000_000_000, checksum: 0xfedc_ba98), counters: counters(),
            topKeys: [KeyCount(key: [0, 0xff], count: 7)])
        let request = PollRequest(
            worker: WorkerID(number: 2), instance: "i", sequence: 8,
            reports: [
                AttemptReport(attempt: map, outcome: .succeeded(result)),
                AttemptReport(attempt: map, outcome: .failed(reason: "it <broke>\n& more")),
                AttemptReport(
                    attempt: reduce,
                    outcome: .fetchFailed([MapOutputID(mapIndex: 3, attemptNumber: 1)], reason: "gone")),
                AttemptReport(
                    attempt: reduce,
                    outcome: .fetchFailed(
                        FetchFailure(
                            lost: [], damaged: [MapOutputID(mapIndex: 0, attemptNumber: 9)],
                            unreachable: [1, 2].map { MapOutputID(mapIndex: $0, attemptNumber: $0) }, reason: "far"))),
                AttemptReport(attempt: map, outcome: .diskFull(reason: "no space")),
                AttemptReport(attempt: map, outcome: .notHandedOver(reason: "no room")),
                AttemptReport(attempt: map, outcome: .refused(reason: "not among them")),
                AttemptReport(attempt: reduce, outcome: .handedBack),
                AttemptReport(attempt: reduce, outcome: .failedForGood(reason: "never")),
            ], running: [map, reduce], capacity: 1, waitMax: .milliseconds(1_500),
            jobs: [JobID(number: 2), JobID(number: 999_999_999)], isDraining: true,
            handingOverCount: 3)
        #expect(try PollRequest(onTheWire(request.value)) == request)
    }

    @Test(
        "what a worker says of its machine survives the way; of what it leaves out nothing is known; nonsense is refused"
    )
    func machine() throws {
        func poll(_ machine: MachineReport?) -> PollRequest {
            PollRequest(
                worker: WorkerID(number: 1), instance: "i", sequence: 1, reports: [], running: [], capacity: 0,
                waitMax: .zero, machine: machine)
        }
        let report = MachineReport(
            host: "höst", version: "1", coreCount: 64, load: 1.25, memory: 1 << 40, memoryFree: 1 << 35, diskFree: 7,
            readByteCount: 1 << 50, fetchedByteCount: 0, restartCount: 2, lastEnd: "was killed by signal 9")
        #expect(try PollRequest(onTheWire(poll(report).value)) == poll(report))
        guard case .structure(var members) = poll(nil).value else { return #expect(Bool(false)) }
        #expect(members["machine"] == nil)
        members["machine"] = .structure(["cores": .int(3)])
        let partial = try PollRequest(onTheWire(.structure(members))).machine
        #expect(partial?.coreCount == 3 && partial?.host == "" && partial?.load == 0)
        for nonsense: XMLRPCValue in [
            .int(1), ["load": .double(-1)], ["cores": .int(-1)], ["disk_free": .string("much")], ["host": .int(1)],
            ["host": .string(String(repeating: "x", count: 256))],
        ] {
            members["machine"] = nonsense
            #expect(throws: XMLRPCFault.self) { try PollRequest(onTheWire(.structure(members))) }
        }
    }

    @Test("a poll and an answer with nothing to say about leaving and handing over say nothing about it")
    func silentMembers() throws {
        let poll = PollRequest(
            worker: WorkerID(number: 1), instance: "i", sequence: 1, reports: [], running: [], capacity: 0,
            waitMax: .zero)
        guard case .structure(let asked) = poll.value, case .structure(let answered) = PollResponse().value else {
            Issue.record("no structs")
            return
        }
        #expect(asked["draining"] == nil && asked["handing_over"] == nil)
        #expect(answered["hand_over"] == nil && answered["drain"] == nil)
        let response = PollResponse(handOver: [map], drains: true)
        #expect(try PollResponse(onTheWire(response.value)) == response)
    }

    @Test("the largest sums survive the way whatever they are", arguments: [Int64.max, .min, (1 << 53) + 1, 0, -1])
    func largestSums(sum: Int64) throws {
        let result = AttemptResult(
            output: OutputSummary(byteCount: 1, checksum: 1), topKeys: [KeyCount(key: [0x61], count: sum)])
        let request = PollRequest(
            worker: WorkerID(number: 2), instance: "i", sequence: 8,
            reports: [AttemptReport(attempt: reduce, outcome: .succeeded(result))], running: [], capacity: 1,
            waitMax: .zero)
        #expect(try PollRequest(onTheWire(request.value)) == request)
    }

    @Test("keys that are too long to be shown are refused, before they fill anybody's memory")
    func longTopKeys() throws {
        func request(_ count: Int) -> PollRequest {
            let result = AttemptResult(
                output: OutputSummary(byteCount: 1, checksum: 1),
                topKeys: [KeyCount(key: [UInt8](repeating: 0x61, count: count), count: 1)])
            return PollRequest(
                worker: WorkerID(number: 2), instance: "i", sequence: 8,
                reports: [AttemptReport(attempt: reduce, outcome: .succeeded(result))], running: [], capacity: 1,
                waitMax: .zero)
        }
        #expect(try PollRequest(onTheWire(request(256).value)) == request(256))
        #expect(throws: XMLRPCFault.self) { try PollRequest(onTheWire(request(257).value)) }
    }

    @Test("what an attempt left out survives the way, and more of it than any job may leave out is refused")
    func skipped() throws {
        var result = AttemptResult(output: OutputSummary(byteCount: 1, checksum: 1))
        result.skipped = [
            SkippedRecord(place: .record(fileIndex: 3, offset: 1 << 40, byteCount: 1 << 33), ending: "ended"),
            SkippedRecord(place: .group(key: [0, 0xff], keyByteCount: 1 << 34, valueCount: 2), ending: "was killed"),
        ]
        result.counters.skippedRecords = 2
        func request() -> PollRequest {
            PollRequest(
                worker: WorkerID(number: 2), instance: "i", sequence: 8,
                reports: [AttemptReport(attempt: map, outcome: .succeeded(result))], running: [], capacity: 1,
                waitMax: .zero)
        }
        #expect(try PollRequest(onTheWire(request().value)) == request())
        result.skipped = Array(repeating: result.skipped[0], count: 1_001)
        #expect(fault { try PollRequest(onTheWire(request().value)) }?.message.contains("at most 1000 items") == true)
    }

    @Test("what an application counts survives the way, extreme and odd; more or longer names than may be are refused")
    func userCounters() throws {
        var result = AttemptResult(output: OutputSummary(byteCount: 1, checksum: 1))
        func request() -> PollRequest {
            PollRequest(
                worker: WorkerID(number: 2), instance: "i", sequence: 8,
                reports: [AttemptReport(attempt: map, outcome: .succeeded(result))], running: [], capacity: 1,
                waitMax: .zero)
        }
        func counter(_ group: [UInt8], _ name: [UInt8], _ value: Int64) -> UserCounter {
            UserCounter(name: CounterName(group: group, name: name), value: value)
        }
        result.userCounters = UserCounters(
            [counter([], [], .max), counter([0, 0xFF], Array("ü,".utf8), .min), counter([0, 0xFF], [10], 0)],
            isCut: true)
        #expect(try PollRequest(onTheWire(request().value)) == request())
        result.userCounters = UserCounters((0...120).map { counter([], [UInt8($0)], 1) })
        #expect(fault { try PollRequest(onTheWire(request().value)) }?.message.contains("at most 120 items") == true)
        result.userCounters = UserCounters([counter([], [UInt8](repeating: 1, count: 129), 1)])
        #expect(fault { try PollRequest(onTheWire(request().value)) }?.message.contains("at most 128 bytes") == true)
        let statuses = [AttemptStatus(attempt: map, text: [0xFF, 10]), AttemptStatus(attempt: reduce, text: [])]
        let poll = PollRequest(
            worker: WorkerID(number: 2), instance: "i", sequence: 8, reports: [], running: [map, reduce], capacity: 1,
            waitMax: .zero, statuses: statuses)
        #expect(try PollRequest(onTheWire(poll.value)) == poll)
        result.userCounters = UserCounters()
        #expect(!"\(request().value)".contains("user_counters"))
    }

    @Test("an answer with map and reduce assignments survives the way")
    func answer() throws {
        let file = InputFile(
            path: Array("/a b\n".utf8) + [0xff], name: [0x80], byteCount: 1 << 40,
            modifiedNanoseconds: 1_763_683_200_123_456_789)
        let pieces = [SplitPiece(fileIndex: 6, offset: 1 << 33, byteCount: 64 << 20)]
        let job = JobMessage(
            id: map.task.job, application: ApplicationChoice(name: "grep", options: ["pattern": [0xff, 0]]),
            reduceCount: 4,
            cutPoints: [[], [0], [0, 0xff]], skippedRecordsMax: 7,
            forms: DataForms(input: .fixed(byteCount: 80), skipsHeaders: true, output: .json, compression: .zstandard),
            shipped: [
                9: shipped("a", executable: true, digest: 1), 11: shipped("\u{e9}", executable: false, digest: 0xff),
                10: shipped(".b", executable: false, digest: 7),
            ])
        var response = PollResponse(
            verdicts: [.accepted, .stale],
            assignments: [
                AssignmentMessage(
                    attempt: map, job: job, work: .map(pieces: pieces, files: [6: file]), searchesBadRecord: true),
                AssignmentMessage(
                    attempt: reduce, job: job,
                    work: .reduce(
                        sources: [
                            SourceMessage(
                                name: "w", place: place, outputs: [MapOutputID(mapIndex: 0, attemptNumber: 2)],
                                checksums: [0x8000_00fe], byteCountMax: 1 << 40)
                        ], destination: ReduceDestination(folder: [0x2f, 0xfe], marker: "m"))),
                AssignmentMessage(
                    attempt: reduce, job: job,
                    work: .mapToPart(
                        pieces: pieces, files: [6: file],
                        destination: ReduceDestination(folder: [0x2f], marker: "n"))),
            ], cancelled: [map], stop: "over", jobs: [job], ended: [JobID(number: 3)])
        #expect(try PollResponse(onTheWire(response.value)) == response)
        response.jobs = []
        #expect(try PollResponse(onTheWire(response.value), known: [job.id: job]) == response)
        let unknown = fault { try PollResponse(response.value) }
        #expect(unknown?.message.contains("assignments come with their job") == true)
    }

    private func shipped(_ name: String, executable: Bool, digest: UInt8) -> ShippedFile {
        ShippedFile(
            file: InputFile(
                path: Array("/x/\(name)".utf8), name: Array(name.utf8), byteCount: 5, modifiedNanoseconds: -7),
            digest: [UInt8](repeating: digest, count: ShippedFile.digestByteCount), isExecutable: executable,
            isArchive: name == ".b")
    }

    @Test(
        "a shipped file whose name leaves its folder, or is another's, is refused",
        arguments: ["../a", "/a", "..", "", "b", "x/y"])
    func shippedNames(name: String) throws {
        let job = JobMessage(
            id: map.task.job, application: ApplicationChoice(name: "a"), reduceCount: 1,
            shipped: [0: shipped("b", executable: false, digest: 1), 1: shipped(name, executable: false, digest: 2)])
        let refusal = fault { try PollResponse(PollResponse(verdicts: [], assignments: [], jobs: [job]).value) }
        #expect(refusal?.message.contains("a name of its own, of one component") == true)
    }

    @Test("what the attempts of a job share travels once, however many of them are in an answer")
    func once() throws {
        let job = JobMessage(
            id: map.task.job, application: ApplicationChoice(name: "sort"), reduceCount: 10_000,
            cutPoints: [[UInt8]](repeating: [UInt8](repeating: 7, count: 26), count: 9_999))
        func byteCount(_ assignmentCount: Int) throws -> Int {
            let assignments = (0..<assignmentCount).map { index in
                let attempt = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: index), number: 1)
                return AssignmentMessage(attempt: attempt, job: job, work: .map(pieces: [], files: [:]))
            }
            let response = PollResponse(assignments: assignments, jobs: [job])
            return try XMLRPCCodec.encode(MethodCall(methodName: "m", parameters: [response.value])).count
        }
        let one = try byteCount(1)
        #expect(one < 1 << 20)
        #expect(try byteCount(101) - one < 100 * 500)
    }

    @Test(
        "a poll that lacks a member, or has one of another kind, is refused by the member's name",
        arguments: ["worker", "instance", "sequence", "reports", "running", "capacity", "wait_seconds"])
    func lacking(member: String) throws {
        let whole = PollRequest(
            worker: WorkerID(number: 1), instance: "i", sequence: 1, reports: [], running: [], capacity: 0,
            waitMax: .zero)
        guard case .structure(var members) = whole.value else { return #expect(Bool(false), "a poll is a struct") }
        members[member] = nil
        #expect(fault { try PollRequest(.structure(members)) }?.message.contains("'\(member)'") == true)
        members[member] = .boolean(true)
        let wrong = fault { try PollRequest(.structure(members)) }
        #expect(wrong?.message.contains("'\(member)'") == true)
        #expect(wrong?.code == XMLRPCFault.invalidParameters)
    }

    @Test(
        "numbers out of range are refused",
        arguments: [("worker", Int32(0)), ("sequence", 0), ("capacity", -1), ("capacity", 100_000)])
    func outOfRange(member: String, value: Int32) {
        let whole = PollRequest(
            worker: WorkerID(number: 1), instance: "i", sequence: 1, reports: [], running: [], capacity: 0,
            waitMax: .zero)
        guard case .structure(var members) = whole.value else { return }
        members[member] = .int(value)
        #expect(fault { try PollRequest(.structure(members)) } != nil)
    }

    @Test("a worker that brings too many applications, or ones of too long names, is refused")
    func applications() {
        func reason(_ names: [String]) -> String? {
            fault {
                try RegisterRequest(RegisterRequest(name: "w", slots: 1, applications: names, place: place).value)
            }?
            .message
        }
        #expect(reason([String](repeating: String(repeating: "x", count: 255), count: 256)) == nil)
        #expect(reason([String(repeating: "x", count: 256)])?.contains("255") == true)
        #expect(reason([String](repeating: "x", count: 257)) != nil)
    }

    @Test("a worker of another version is told which one it needs")
    func otherVersion() {
        let request = RegisterRequest(name: "w", slots: 1, applications: [], place: place)
        guard case .structure(var members) = request.value else { return }
        members["version"] = .int(1)
        #expect(fault { try RegisterRequest(.structure(members)) }?.message.contains("the worker version 1") == true)
    }

    @Test("map outputs are written as pairs with a dot", arguments: ["0", "0.", ".1", "0.0", "-1.1", "0.1.1", "a.b"])
    func mapOutputNames(text: String) throws {
        #expect(fault { try MapOutputNames.outputs(in: text) } != nil)
        let outputs = [MapOutputID(mapIndex: 0, attemptNumber: 1), MapOutputID(mapIndex: 12, attemptNumber: 34)]
        #expect(MapOutputNames.text(of: outputs) == "0.1 12.34")
        #expect(try MapOutputNames.outputs(in: "0.1 12.34") == outputs)
    }

    private func onTheWire(_ value: XMLRPCValue) throws -> XMLRPCValue {
        let call = try XMLRPCCodec.encode(MethodCall(methodName: "m", parameters: [value]))
        return try XMLRPCCodec.decodeCall(call).parameters[0]
    }

    private func fault<Value>(_ body: () throws -> Value) -> XMLRPCFault? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? XMLRPCFault
        }
    }
}
