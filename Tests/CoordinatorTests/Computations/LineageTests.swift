import Center
import Coordinator
import DataProtocol
import Model
import Testing

/// What is lost with a worker is made again when somebody needs it.
struct LineageTests {
    @Test(
        "What runs on a worker that is lost runs elsewhere before all others, and what it held is made again once for all who need it"
    )
    func lost() {
        var scene = DataScene()
        scene.register("w:1", cores: 3)
        scene.submit(("a", []), ("b", ["a"]), ("c", ["a"]), ("later", []))
        scene.finish("w:1", "a")
        #expect(Set(scene.names("w:1")) == ["b", "c", "later"])
        scene.register("w:2", cores: 3)
        scene.submit(("last", []))
        scene.tell(.workerLost(address: "w:1", reason: "it died"))
        // b and c wait for a, which is made once.
        #expect(scene.names("w:2").sorted() == ["a", "last", "later"])
        scene.finish("w:2", "a")
        scene.finish("w:2", "last")
        #expect(scene.names("w:2").sorted() == ["b", "c", "later"])
        // The dead one was only slow: what it says counts, where nobody was faster.
        #expect(
            scene.ask {
                .attemptsEnded(
                    [ComputationReport(key: key("b"), number: 2, outcome: .finished(byteCount: 1, microseconds: 1))],
                    address: "w:1", request: $0)
            } == .unknownWorker)
    }

    @Test("What nobody needs stays lost until it is wanted, with all that it was made of")
    func wanted() {
        var scene = DataScene()
        scene.register("w:1", cores: 2)
        scene.submit(("a", []), ("b", ["a"]), ("c", ["b"]))
        for name in ["a", "b", "c"] { scene.finish("w:1", name) }
        scene.tell(.workerLost(address: "w:1", reason: "it died"))
        scene.register("w:2", cores: 2)
        #expect(scene.names("w:2") == [] && scene.coordinator.isLost(key("c")))
        scene.tell(.wanted([key("c"), key("nothing")]))
        scene.tell(.wanted([key("c")]))
        #expect(scene.names("w:2") == ["a"])
        for name in ["a", "b", "c"] { scene.finish("w:2", name) }
        #expect(scene.status("c") == .finished(byteCount: 10) && scene.names("w:2") == [])
    }

    @Test("A silent worker is lost after 10 s; one that is heard of is not")
    func silence() {
        var scene = DataScene()
        scene.register("w:1")
        scene.register("w:2")
        scene.submit(("a", []))
        #expect(scene.names("w:1") == ["a"])
        for _ in 0..<4 {
            scene.wait(.seconds(3))
            scene.ask { .workerHeard(address: "w:2", request: $0) }
        }
        #expect(Array(scene.coordinator.center.workers.keys) == ["w:2"] && scene.names("w:2") == ["a"])
        #expect(scene.ask { .workerHeard(address: "w:1", request: $0) } == .unknownWorker)
        // It comes back with what it has made meanwhile.
        scene.register("w:1", holding: ["a": 10])
        #expect(scene.status("a") == .finished(byteCount: 10) && scene.cancelled == [key("a")])
    }

    @Test("A computation under which four workers were lost fails and says so")
    func poison() {
        var scene = DataScene()
        scene.submit(("a", []))
        for number in 1...4 {
            scene.register("w:\(number)")
            #expect(scene.names("w:\(number)") == ["a"])
            scene.tell(.workerLost(address: "w:\(number)", reason: "killed"))
        }
        guard case .failed(let message) = scene.status("a") else { return #expect(Bool(false)) }
        #expect(message.contains("lost 4 times (the limit)") && message.contains("w:4: killed"))
    }

    @Test("A worker that says goodbye is nobody's loss")
    func goodbye() {
        var scene = DataScene()
        scene.submit(("a", []))
        for number in 1...6 {
            scene.register("w:\(number)")
            scene.ask { .workerLeft(address: "w:\(number)", request: $0) }
        }
        scene.register("w:7")
        #expect(scene.names("w:7") == ["a"])
    }

    @Test("Data that nobody can make is waited for 30 s, because its holder may come back")
    func data() {
        var scene = DataScene()
        scene.register("w:1", holding: ["x": 1])
        scene.register("w:2", cores: 2)
        scene.submit(("a", ["x"]), ("b", ["a", "x"]))
        scene.tell(.workerLost(address: "w:1", reason: "cut off"))
        scene.waitHearing(.seconds(20))
        #expect(scene.status("a") == .pending)
        scene.register("w:1", holding: ["x": 1])
        #expect(scene.names("w:1") == ["a"])
        scene.tell(.workerLost(address: "w:1", reason: "cut off"))
        scene.waitHearing(.seconds(40))
        guard case .failed(let message) = scene.status("a") else { return #expect(Bool(false), "\(scene.status("a"))") }
        #expect(message.contains("nobody holds its input 'x' any more") && message.contains("asked was the center"))
    }

    @Test(
        "Inputs that did not come: those who should have them are looked at, and the computation is tried again, four times"
    )
    func missing() {
        var scene = DataScene()
        scene.register("w:1", holding: ["x": 1, "y": 2])
        scene.register("w:2", holding: ["big": 1_000])
        scene.submit(("a", ["x", "big"]))
        for attempt in 1...4 {
            #expect(scene.names("w:2") == ["a"], "attempt \(attempt)")
            scene.miss("w:2", inputs: ["x"])
            #expect(scene.probed.count == attempt && scene.probed.last == "w:1")
            scene.waitHearing(.seconds(attempt))
        }
        guard case .failed(let message) = scene.status("a") else { return #expect(Bool(false)) }
        #expect(message.contains("asked were others"))
        // The holder no longer has it: what is needed is waited for.
        scene.submit(("b", ["y", "big"]))
        scene.miss("w:2", inputs: ["y"])
        scene.ask { .objectsRemoved([key("y")], address: "w:1", request: $0) }
        scene.waitHearing(.seconds(3))
        #expect(scene.status("b") == .pending && scene.names("w:2") == [])
    }

    @Test("After a restart nothing is made again before workers had 10 s to say what they hold")
    func restart() throws {
        var scene = DataScene()
        scene.register("w:1", cores: 2)
        scene.register("w:2", cores: 2)
        scene.submit(("a", []), ("b", []), ("c", ["a", "b"]))
        scene.finish("w:1", "a")
        scene.restart()
        #expect(scene.coordinator.center.workers.isEmpty && scene.status("b") == .pending)
        scene.wait(.seconds(3))
        scene.register("w:2", cores: 2)
        // It ran b, which goes on there under a new number.
        #expect(scene.names("w:2") == ["b"])
        scene.waitHearing(.seconds(3))
        #expect(scene.names("w:2") == ["b"])
        scene.register("w:1", holding: ["a": 10])
        scene.finish("w:2", "b")
        #expect(scene.names("w:1") + scene.names("w:2") == ["c"])
        scene.restart()
        scene.register("w:2", cores: 2, holding: ["b": 10])
        scene.waitHearing(.seconds(12))
        #expect(scene.names("w:2") == ["a"], "its holder did not come back")
    }

    @Test("Who comes back does not bring what was deleted or made anew meanwhile, and keeps all else")
    func stale() {
        var scene = DataScene()
        scene.register("w:1", holding: ["gone": 5, "other": 6, "kept": 7])
        scene.register("w:2")
        scene.tell(.workerLost(address: "w:1", reason: "stopped"))
        scene.ask { .forgotten([key("gone")], request: $0) }
        // Nobody holds it: only who is away may bring it.
        scene.ask { .objectsAdded([HeldObject(key: key("gone"), byteCount: 5)], address: "w:2", request: $0) }
        scene.ask { .forgotten([key("gone")], request: $0) }
        scene.ask {
            .objectsAdded([HeldObject(key: key("other"), byteCount: 6, digest: 1)], address: "w:2", request: $0)
        }
        let held = ["gone", "other", "kept"].map {
            HeldObject(key: key($0), byteCount: $0 == "gone" ? 5 : $0 == "other" ? 6 : 7, digest: 2)
        }
        let profile = CenterProfile(
            address: "w:1", host: "", name: "", coreCount: 1, services: [:], memoryByteCountMax: 1, instance: "same")
        // In pages, as when there are many.
        #expect(scene.ask { .workerRegistered(profile, holding: [held[2]], request: $0) } == .done)
        let reply = scene.ask { .workerRegistered(profile, holding: Array(held[..<2]), request: $0) }
        guard case .kept(let refused) = reply else { return #expect(Bool(false), "\(String(describing: reply))") }
        #expect(Set(refused) == [key("gone"), key("other")])
        #expect(scene.coordinator.center.holders(of: key("kept")) == ["w:1"])
        #expect(scene.coordinator.center.holders(of: key("other")) == ["w:2"])
        #expect(scene.status("gone") == .unknown)
        // It tells once more, and nothing is lost by that.
        #expect(scene.ask { .workerRegistered(profile, holding: [held[2]], request: $0) } == .done)
        #expect(scene.coordinator.center.holders(of: key("kept")) == ["w:1"])
    }
}
