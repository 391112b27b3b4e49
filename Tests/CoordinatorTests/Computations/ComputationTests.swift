import Center
import Coordinator
import DataProtocol
import Model
import Testing

/// Computations that form a graph by their keys.
struct ComputationTests {
    @Test(
        "A computation runs when its inputs are there, in the order of submission, as many at once as there are cores")
    func order() {
        var scene = DataScene()
        scene.submit(("c", ["a", "b"]), ("a", []), ("b", []), ("d", []))
        #expect(scene.status("a") == .pending)
        scene.register("w:1", cores: 2)
        #expect(scene.names("w:1") == ["a", "b"])
        scene.finish("w:1", "b")
        #expect(scene.names("w:1") == ["a", "d"])
        scene.finish("w:1", "a")
        #expect(scene.names("w:1") == ["d", "c"])
        scene.finish("w:1", "c", bytes: 7)
        #expect(scene.status("c") == .finished(byteCount: 7))
        #expect(scene.coordinator.center.holders(of: key("c")) == ["w:1"])
        #expect(scene.coordinator.computationCounts.open == 1)
    }

    @Test("It goes to the worker that holds most bytes of its inputs; without inputs to the one with the least to do")
    func placement() {
        var scene = DataScene()
        scene.register("w:1", cores: 2, holding: ["z": 105])
        scene.register("w:2", cores: 2, holding: ["x": 100, "y": 10])
        scene.submit(("a", ["x", "y", "z"]))
        #expect(scene.names("w:2") == ["a"])
        scene.submit(("b", ["y", "z"]))
        #expect(scene.names("w:1") == ["b"])
        scene.submit(("c", ["x"]), ("d", []))
        #expect(scene.names("w:2") == ["a", "c"])
        #expect(scene.names("w:1") == ["b", "d"])
        // No room where the input is: better elsewhere than later.
        scene.finish("w:1", "b")
        scene.submit(("e", ["x"]))
        #expect(scene.names("w:1") == ["d", "e"])
    }

    @Test("An attempt is told who holds its inputs, those of its own machine first")
    func sources() {
        var scene = DataScene()
        scene.register("w:1", holding: ["x": 5], host: "one")
        scene.register("w:2", holding: ["x": 5, "y": 1_000], host: "two")
        scene.submit(("a", ["x", "y"]))
        let attempt = scene.take("w:2")
        #expect(attempt?.inputs.map(\.holders) == [["w:2", "w:1"], ["w:2"]])
    }

    @Test("Of short functions a worker is given more than it has cores for, as much as takes it 50 ms")
    func queueing() {
        var scene = DataScene()
        scene.register("w:1", cores: 2)
        let names = (1000..<1300).map { "k\($0)" }
        scene.ask { request in
            .submitted(
                names.map { Computation(key: key($0), function: "f", arguments: [], inputs: []) }, request: request)
        }
        #expect(scene.names("w:1").count == 2)
        scene.finish("w:1", microseconds: 1_000)
        // 100 ms of work for two cores, one of which is still thought to be at work for half a second.
        #expect(scene.names("w:1").count == 2)
        scene.finish("w:1", "k1001", microseconds: 1_000)
        #expect(scene.names("w:1").count == 100)
        scene.finish("w:1", microseconds: 1_000)
        #expect(scene.names("w:1").count == 100)
        // An unknown function may take long.
        scene.submit(("long1", []), function: "g")
        #expect(scene.names("w:1").count == 100)
    }

    @Test(
        "The same computation under the same key runs once; another one under that key is refused, as is a key of data")
    func sameKey() {
        var scene = DataScene()
        scene.register("w:1", cores: 4, holding: ["x": 1])
        #expect(scene.submit(("a", ["x"])) == .done)
        #expect(scene.submit(("a", ["x"])) == .done)
        #expect(scene.names("w:1") == ["a"])
        guard case .refused(let reason) = scene.submit(("a", ["x"]), function: "g") else { return #expect(Bool(false)) }
        #expect(reason.contains("'a' belongs to another computation"))
        guard case .refused(let reason) = scene.submit(("b", []), ("x", [])) else { return #expect(Bool(false)) }
        #expect(reason.contains("'x' holds data already"))
        #expect(scene.status("b") == .unknown, "all of them or none")
        scene.finish("w:1")
        #expect(scene.submit(("a", ["x"])) == .done)
        #expect(scene.names("w:1") == [])
    }

    @Test("A circle is refused with the keys that make it, and an input that nobody has by its name")
    func circle() {
        var scene = DataScene()
        scene.register("w:1")
        guard case .refused(let reason) = scene.submit(("z", ["a"]), ("a", ["b"]), ("b", ["c"]), ("c", ["a"]))
        else { return #expect(Bool(false)) }
        #expect(reason.contains("'a' needs 'b' needs 'c' needs 'a'"), "\(reason)")
        guard case .refused(let reason) = scene.submit(("s", ["s"])) else { return #expect(Bool(false)) }
        #expect(reason.contains("'s' needs 's'"), "\(reason)")
        guard case .refused(let reason) = scene.submit(("q", ["nothing"])) else { return #expect(Bool(false)) }
        #expect(reason.contains("nobody holds the key 'nothing'") && reason.contains("asked was the center"))
        #expect(scene.names("w:1") == [] && scene.coordinator.computationCounts.known == 0)
    }

    @Test("What needs a failed or cancelled computation fails with the first cause, submitted before or after")
    func failures() {
        var scene = DataScene()
        scene.register("w:1", cores: 2)
        scene.submit(("a", []), ("b", ["a"]), ("c", ["b"]), ("d", []), ("e", ["d"]))
        scene.fail("w:1", "a", "division by zero")
        #expect(scene.status("a") == .failed(message: "division by zero"))
        for name in ["b", "c"] {
            guard case .failed(let message) = scene.status(name) else { return #expect(Bool(false), "\(name)") }
            #expect(message.contains("'a' has failed: division by zero"))
        }
        scene.submit(("f", ["c"]))
        guard case .failed = scene.status("f") else { return #expect(Bool(false)) }
        #expect(scene.ask { .cancelled([key("d"), key("a"), key("nothing")], request: $0) } == .counted(1))
        #expect(scene.cancelled == [key("d")] && scene.status("d") == .cancelled)
        guard case .failed(let message) = scene.status("e") else { return #expect(Bool(false)) }
        #expect(message.contains("'d' was cancelled"))
        // Its report comes all the same, and what it made goes.
        scene.finish("w:1", "d")
        #expect(scene.status("d") == .cancelled && scene.discarded.map(\.key) == [key("d")])
    }

    @Test("A worker's own computation is known, can be made again, and has its key for itself")
    func ownComputation() {
        var scene = DataScene()
        scene.register("w:1", holding: ["x": 1])
        scene.register("w:2")
        let own = Computation(key: key("z"), function: "len", arguments: [1], inputs: [key("x")])
        #expect(
            scene.ask { .computed(own, HeldObject(key: own.key, byteCount: 8, digest: 8), address: "w:1", request: $0) }
                == .done)
        #expect(
            scene.ask { .computed(own, HeldObject(key: own.key, byteCount: 8, digest: 8), address: "w:2", request: $0) }
                == .done)
        #expect(scene.coordinator.center.holders(of: key("z")) == ["w:1", "w:2"])
        let other = Computation(key: key("z"), function: "sum", arguments: [], inputs: [])
        guard
            case .refused = scene.ask({
                .computed(other, HeldObject(key: other.key, byteCount: 8, digest: 8), address: "w:2", request: $0)
            })
        else {
            return #expect(Bool(false))
        }
        // Not deterministic: the second is not the same object.
        guard
            case .refused(let reason) = scene.ask({
                .computed(own, HeldObject(key: own.key, byteCount: 8, digest: 9), address: "w:2", request: $0)
            })
        else { return #expect(Bool(false)) }
        #expect(reason.contains("objects don't change"))
        let fourth = Computation(key: key("x"), function: "len", arguments: [1], inputs: [])
        #expect(scene.coordinator.objection(to: fourth, from: "w:2")?.contains("holds data at w:1 already") == true)
        #expect(scene.coordinator.objection(to: own, from: "w:2") == nil)
    }

    @Test("What was made of a key is not remembered as what makes it: no circle comes about by computations of workers")
    func circleByWorkers() {
        var scene = DataScene()
        scene.register("w:1", holding: ["a": 1])
        let second = Computation(key: key("b"), function: "add", arguments: [1], inputs: [key("a")])
        let first = Computation(key: key("a"), function: "add", arguments: [2], inputs: [key("b")])
        for computation in [second, first] {
            let object = HeldObject(key: computation.key, byteCount: 1)
            #expect(scene.ask { .computed(computation, object, address: "w:1", request: $0) } == .done)
        }
        #expect(scene.coordinator.computation(of: key("b")) == second)
        #expect(scene.coordinator.computation(of: key("a")) == nil)
    }

    @Test("A key that was deleted and submitted anew has the new value, whatever comes late of the old one")
    func deletedAndAnew() {
        var scene = DataScene()
        scene.register("w:1", cores: 2)
        scene.submit(("k", []), function: "slow")
        let old = scene.take("w:1")
        scene.ask { .forgotten([key("k")], request: $0) }
        #expect(scene.cancelled == [key("k")])
        scene.submit(("k", []), function: "fast")
        let late = ComputationReport(
            key: key("k"), number: old?.number ?? 0, outcome: .finished(byteCount: 1, microseconds: 1))
        scene.ask { .attemptsEnded([late], address: "w:1", request: $0) }
        #expect(scene.status("k") == .running(at: "w:1") && scene.discarded.map(\.number) == [old?.number])
        scene.finish("w:1", bytes: 2)
        #expect(scene.status("k") == .finished(byteCount: 2))
    }

    @Test("The same computation again is the same, though its texts have become keys meanwhile")
    func repeated() {
        var scene = DataScene()
        scene.register("w:1")
        let first = Computation(key: key("k"), function: "len", arguments: [7], inputs: [])
        let again = Computation(key: key("k"), function: "len", arguments: [7], inputs: [key("abc")])
        #expect(scene.ask { .submitted([first], request: $0) } == .done)
        scene.register("w:2", holding: ["abc": 3])
        #expect(scene.ask { .submitted([again], request: $0) } == .done)
        #expect(scene.coordinator.computation(of: key("k")) == first)
    }

    @Test("What is deleted goes when nothing that is open needs it, and is made again for what was made of it")
    func forgetting() {
        var scene = DataScene()
        scene.register("w:1", cores: 1)
        scene.register("w:2", cores: 1)
        scene.submit(("a", []), ("b", ["a"]))
        scene.finish("w:1", "a")
        #expect(scene.names("w:1") == ["b"])
        #expect(scene.ask { .forgotten([key("a")], request: $0) } == .forgotten(count: 1, drops: []))
        #expect(scene.status("a") == .finished(byteCount: 10), "b needs it")
        scene.finish("w:1", "b")
        #expect(scene.dropped["w:1"] == [key("a")] && !scene.coordinator.center.keys.contains(key("a")))
        // b is lost: a is made once more for it, and goes again.
        scene.tell(.workerLost(address: "w:1", reason: "it died"))
        scene.tell(.wanted([key("b")]))
        #expect(scene.names("w:2") == ["a"])
        scene.finish("w:2")
        scene.finish("w:2", "b")
        #expect(scene.status("b") == .finished(byteCount: 10) && scene.dropped["w:2"] == [key("a")])
        guard case .forgotten(1, let drops) = scene.ask({ .forgotten([key("b"), key("nothing")], request: $0) }) else {
            return #expect(Bool(false))
        }
        #expect(drops.map(\.address) == ["w:2"] && scene.coordinator.computationCounts.known == 0)
        #expect(scene.status("a") == .unknown)
    }
}
