import Coordinator
import Model
import Testing

struct SimpleCallTests {
    private func policy(_ byteCountMax: Int64 = 10) -> Policy {
        var policy = Policy()
        policy.simpleSplitByteCountMax = byteCountMax
        return policy
    }

    @Test("A simple worker is given the beginning of a long split, and the rest stays")
    func carved() {
        var scene = Scene(policy: policy())
        scene.submit(maps: [25], simple: true)
        #expect(scene.requestSimple("py") == map(1))
        let answer = scene.simpleAnswer(to: RequestID(number: scene.requestNumber))
        #expect(answer?.pieces == [SplitPiece(fileIndex: 0, offset: 0, byteCount: 10)])
        #expect(scene.status().maps.total == 2 && scene.status().inputBytesTotal == 25)
        #expect(scene.completeSimple("py", map(1)) == true)
        #expect(scene.effects.contains(.keepSimpleOutput(RequestID(number: scene.requestNumber), map(1))))
        #expect(scene.requestSimple("py") == map(2))
        let worker = scene.join()
        #expect(
            scene.poll(worker)?.assignments.map(\.work)
                == [.map(pieces: [SplitPiece(fileIndex: 0, offset: 20, byteCount: 5)])])
    }

    @Test("The cut may go through the middle of a piece")
    func cutInsidePiece() {
        var scene = Scene(policy: policy())
        let pieces = [
            SplitPiece(fileIndex: 0, offset: 5, byteCount: 7), SplitPiece(fileIndex: 1, offset: 0, byteCount: 8),
        ]
        scene.apply(
            .jobSubmitted(
                JobPlan(
                    id: Scene.job, application: ApplicationChoice(name: "words"), files: [], splits: [pieces],
                    reduceCount: 1, allowsSimpleWorkers: true)))
        _ = scene.requestSimple("py")
        #expect(
            scene.simpleAnswer(to: RequestID(number: scene.requestNumber))?.pieces == [
                pieces[0], SplitPiece(fileIndex: 1, offset: 0, byteCount: 3),
            ])
    }

    @Test("Asking again gives the same task again, but no longer lease")
    func askedAgain() {
        var scene = Scene(policy: policy())
        scene.submit(maps: [4, 3], simple: true)
        #expect(scene.requestSimple("py") == map(0))
        scene.wait(.seconds(9))
        #expect(scene.requestSimple("py") == map(0))
        scene.wait(.seconds(1))
        #expect(scene.requestSimple("py") == map(0, 2))
        #expect(scene.completeSimple("py", map(0, 1)) == false, "its lease had run out")
        #expect(scene.effects.contains(.discardSimpleOutput(RequestID(number: scene.requestNumber))))
    }

    @Test("A completion counts once; repeated, it is answered the same and its data dropped")
    func repeated() {
        var scene = Scene(policy: policy())
        scene.submit(maps: [4], simple: true)
        _ = scene.requestSimple("py")
        #expect(scene.coordinator.accepts(map(0), simpleWorker: "py"))
        #expect(!scene.coordinator.accepts(map(0), simpleWorker: "other"))
        #expect(scene.completeSimple("other", map(0)) == false)
        #expect(scene.completeSimple("py", map(0)) == true)
        #expect(scene.coordinator.accepts(map(0), simpleWorker: "py"))
        #expect(scene.completeSimple("py", map(0)) == true)
        let request = RequestID(number: scene.requestNumber)
        #expect(scene.effects == [.discardSimpleOutput(request), .reply(request, .simpleCompletion(accepted: true))])
        #expect(scene.status().counters.inputRecords == 1)
        #expect(scene.completeSimple("other", map(0)) == false)
    }

    @Test("With nothing to do the call is held back for a moment, and work that appears answers it")
    func parked() {
        var scene = Scene(policy: policy())
        #expect(scene.requestSimple("py") == nil)
        #expect(scene.effects.isEmpty)
        scene.wait(.seconds(2))
        #expect(scene.simpleAnswer(to: RequestID(number: scene.requestNumber)) != nil)
        #expect(scene.requestSimple("py") == nil)
        scene.submit(maps: [4], simple: true)
        #expect(scene.simpleAnswer(to: RequestID(number: scene.requestNumber))?.attempt == map(0))
    }

    @Test("A job that does not allow it gives nothing to simple workers")
    func notAllowed() {
        var scene = Scene(policy: policy())
        scene.submit(maps: [4], simple: false)
        #expect(scene.requestSimple("py") == nil)
        #expect(scene.status().attemptsMade == 0)
    }

    @Test("Text that the simple calls can't carry waits for a full worker, and the request gets the next task")
    func unsuitable() {
        var scene = Scene(policy: policy())
        let full = scene.join()
        scene.submit(maps: [9, 3], simple: true)
        #expect(scene.requestSimple("py") == map(0))
        let request = scene.request()
        scene.apply(.simpleTaskUnsuitable(map(0), name: "py", request: request))
        #expect(scene.notices.last == .needsFullWorker(map(0).task))
        #expect(scene.simpleAnswer(to: request)?.attempt == map(1))
        scene.completeSimple("py", map(1))
        #expect(scene.requestSimple("py") == nil)
        #expect(scene.take(full) == map(0, 2))
    }

    @Test("After the first reduce task nothing is cut any more")
    func noLateCut() {
        var scene = Scene(policy: policy())
        let worker = scene.join()
        scene.submit(maps: [25, 5], simple: true)
        for _ in 0..<2 { scene.succeed(worker, scene.take(worker)) }
        let outputs = (0..<2).map { MapOutputID(mapIndex: $0, attemptNumber: 1) }
        scene.report(worker, scene.take(worker), .fetchFailed(outputs, reason: "gone"))
        #expect(scene.requestSimple("py") == map(1, 2), "the short one")
        #expect(scene.requestSimple("rb") == nil, "the long one is for full workers")
        #expect(scene.status().maps.total == 2)
        #expect(scene.take(worker) == map(0, 2))
    }

    @Test("A map output that the master holds is not lost when workers leave")
    func heldByMaster() {
        var scene = Scene(policy: policy())
        let worker = scene.join()
        scene.submit(maps: [4], simple: true)
        _ = scene.requestSimple("py")
        scene.completeSimple("py", map(0))
        scene.apply(.workerLeft(worker, request: scene.request()))
        #expect(scene.status().maps.completed == 1)
    }

    @Test("Registering is idempotent, and the number of names is limited")
    func registration() {
        var limited = policy()
        limited.workersMax = 1
        var scene = Scene(policy: limited)
        for _ in 0..<2 {
            let request = scene.request()
            scene.apply(.simpleWorkerRegistered(name: "py", request: request))
            #expect(scene.effects == [.reply(request, .simpleRegistered(name: "py"))])
        }
        #expect(scene.coordinator.workersOverview.map(\.name) == ["py"])
        scene.apply(.simpleTaskRequested(name: "rb", request: scene.request()))
        #expect(scene.effects.contains { if case .reply(_, .refused) = $0 { true } else { false } })
        scene.wait(.seconds(10))
        scene.apply(.simpleWorkerRegistered(name: "rb", request: scene.request()))
        #expect(scene.coordinator.workersOverview.map(\.name) == ["rb"])
    }

    @Test("When all jobs are over there is nothing to wait for")
    func over() {
        var scene = Scene(policy: policy())
        #expect(scene.requestSimple("py") == nil)
        scene.submit(maps: [1])
        scene.apply(.jobCancelled(Scene.job, reason: "no"))
        #expect(scene.simpleAnswer(to: RequestID(number: scene.requestNumber)) != nil)
        #expect(scene.requestSimple("py") == nil)
        #expect(!scene.effects.isEmpty)
    }
}
