import Coordinator
import Model
import Testing

@testable import MasterCommand

@Suite("Lines about one worker")
struct WorkerLinesTests {
    private let attempt = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 1)

    @Test("are so many a minute, whatever it makes up; other workers have lines of their own")
    func limit() {
        var lines = WorkerLines()
        let lies: [Notice] = [
            .attemptFailed(attempt, worker: "liar", reason: "r"), .mapOutputLost(attempt, worker: "liar", reason: "r"),
        ]
        for count in 0..<WorkerLines.perMinuteMax {
            #expect(lines.admit(lies[count % 2], at: .seconds(10)) == .shown)
        }
        #expect(lines.admit(lies[0], at: .seconds(59)) == .firstLeftOut(worker: "liar"))
        for lie in lies { #expect(lines.admit(lie, at: .seconds(59)) == .leftOut) }
        #expect(lines.admit(.attemptFailed(attempt, worker: "w", reason: "r"), at: .seconds(59)) == .shown)
        #expect(lines.admit(.masterRestarted, at: .seconds(59)) == .shown)
        #expect(lines.admit(lies[1], at: .seconds(60)) == .shown)
    }

    @Test("A worker that comes and goes all the time has no more of them")
    func comesAndGoes() {
        var lines = WorkerLines()
        for number in 1...WorkerLines.perMinuteMax {
            let joined = Notice.workerJoined(WorkerID(number: number), name: "w", slots: 1)
            #expect(lines.admit(joined, at: .seconds(1)) == .shown)
        }
        let left = Notice.workerLeft(WorkerID(number: 1), name: "w")
        #expect(lines.admit(left, at: .seconds(2)) == .firstLeftOut(worker: "w"))
        #expect(lines.admit(.workerLeft(WorkerID(number: 2), name: "x"), at: .seconds(2)) == .shown)
    }
}
