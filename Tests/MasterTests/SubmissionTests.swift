import Coordinator
import Journal
import LocalMachine
import Logging
import Model
import Shell
import Synchronization
import TestSupport
import Testing
import XMLRPC

@testable import Master

@Suite("Jobs submitted to a queue")
struct SubmissionTests {
    private let folder: TemporaryFolder
    private let journal: Journal
    private let table: MethodTable
    private let shell: CoordinatorShell

    init() throws {
        folder = try TemporaryFolder()
        journal = try Journal.open(path: "\(folder.path)/journal").0
        try journal.begin(header: Array("of a test".utf8))
        var policy = Policy()
        policy.servesQueue = true
        shell = CoordinatorShell(
            Coordinator(policy: policy),
            journal: EventJournal(journal, logger: Logger(label: "test")) { _ in }
        ) { _, _ in }
        let numbers = JobNumbers(after: 0)
        let calls = QueueCalls(
            shell: shell, context: MasterContext(scratch: try ScratchFolder.make(under: folder.path)),
            prepare: { [path = folder.path] submission, _ in
                let plan = JobPlan(
                    id: numbers.next(), application: ApplicationChoice(name: "wordcount"), files: [], splits: [],
                    reduceCount: 1, allowsSimpleWorkers: false)
                let output = try OutputFolder(
                    path: Array("\(path)/\(plan.id.number)".utf8), marker: "m", overwrite: false)
                return SubmittedJob(
                    ServedJob(plan: plan, output: output), JobTerms(submitter: submission.submitter, isPaused: true))
            })
        table = MethodTable(calls.methods)
    }

    private func call(_ name: String, _ parameters: [XMLRPCValue]) async -> MethodResponse {
        await withCheckedContinuation { continuation in
            table.answer(
                MethodCall(methodName: name, parameters: parameters), caller: Caller(id: 1, remoteAddress: "test")
            ) { continuation.resume(returning: $0) }
        }
    }

    private func submit() async -> MethodResponse {
        await call("job.submit", [.structure(["arguments": .array([.string("a")]), "folder": .string("/")])])
    }

    @Test("are acknowledged while the journal can be written, and never afterwards; nor is a change of one")
    func journalFails() async throws {
        #expect(await submit() == .value(.int(1)))
        #expect(await call("job.resume", [.int(1)]) == .value(.boolean(true)))
        // Whatever is stored from now on fails.
        journal.close()
        // The first one meets the failure, the others a master that has met it.
        for _ in 1...3 {
            guard case .fault(let fault) = await submit() else {
                Issue.record("a job was acknowledged that a new start would not know")
                return
            }
            #expect(fault.message.hasPrefix("the master can't keep its journal any more"), "\(fault.message)")
        }
        guard case .fault(let fault) = await call("job.pause", [.int(1)]) else {
            Issue.record("a pause was acknowledged")
            return
        }
        #expect(fault.message.hasPrefix("the master can't keep its journal any more"))
        #expect(shell.read { $0.jobNumbers } == [JobID(number: 1)])
        let (reopened, contents) = try Journal.open(path: "\(folder.path)/journal")
        defer { reopened.close() }
        var known = Coordinator(policy: Policy())
        for batch in contents.batches {
            for entry in try StampedEvent.read(batch) { _ = known.apply(entry.event, now: entry.now) }
        }
        #expect(known.jobNumbers == [JobID(number: 1)])
    }
}
