import Coordinator
import Model
import Testing

struct StatusTests {
    @Test("The status counts tasks, bytes, attempts and workers")
    func counts() {
        var scene = Scene()
        let worker = scene.join(slots: 2)
        scene.submit(maps: [30, 20, 10], reduces: 4)
        _ = scene.poll(worker, capacity: 2)
        scene.succeed(worker, map(0), counting: 5)
        let status = scene.status()
        #expect(figures(status.maps) == [3, 1, 1, 1])
        #expect(figures(status.reduces) == [4, 4, 0, 0])
        #expect(status.inputBytesDone == 30 && status.inputBytesTotal == 60)
        #expect(status.attemptsMade == 2 && status.liveWorkers == 1)
        #expect(status.counters.inputRecords == 5)
        #expect(scene.coordinator.status(of: JobID(number: 2)) == nil)
    }

    @Test("The top keys of all parts are merged, largest first, ties by key bytes")
    func topKeys() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [], reduces: 3)
        for index in 0..<3 {
            let keys = (0..<8).map { KeyCount(key: [UInt8(index), UInt8($0)], count: Int64(10 - $0)) }
            scene.report(worker, scene.take(worker), .succeeded(result(1, topKeys: keys)))
            scene.apply(.commitSucceeded(reduce(index)))
        }
        let top = scene.status().topKeys
        #expect(top.count == 10)
        #expect(top.map(\.count) == [10, 10, 10, 9, 9, 9, 8, 8, 8, 7])
        #expect(top.prefix(4).map(\.key) == [[0, 0], [1, 0], [2, 0], [0, 1]])
    }

    @Test("The overview lists full workers by number and simple ones by name")
    func overview() {
        var scene = Scene()
        let one = scene.join("zoe", slots: 3)
        _ = scene.join("adam")
        scene.submit(maps: [5, 4], simple: true)
        _ = scene.requestSimple("py")
        _ = scene.requestSimple("bash")
        scene.completeSimple("py", map(0))
        let overview = scene.coordinator.workersOverview
        #expect(overview.map(\.name) == ["zoe", "adam", "bash", "py"])
        #expect(overview.map(\.id) == [one, WorkerID(number: 2), nil, nil])
        #expect(overview[2].running == [map(1)] && overview[3].completedCount == 1)
        #expect(overview.allSatisfy { $0.isLive })
        #expect(scene.coordinator.worker(one)?.slots == 3)
    }
}

private func figures(_ status: TaskStatus) -> [Int] {
    [status.total, status.pending, status.running, status.completed]
}
