import Model
import WorkerProtocol
import XMLRPC

/// One call of each method, in an order in which each finds what it needs.
enum ExampleCalls {
    static func all(instance: String) -> [MethodCall] {
        [
            MethodCall(methodName: "system.listMethods", parameters: []),
            MethodCall(methodName: "system.methodExist", parameters: ["request_task"]),
            MethodCall(methodName: "system.methodSignature", parameters: ["request_task"]),
            MethodCall(methodName: "system.methodHelp", parameters: ["register_worker"]),
            MethodCall(methodName: "system.getCapabilities", parameters: []),
            MethodCall(
                methodName: "system.multicall",
                parameters: [
                    .array([
                        .structure(["methodName": "register_worker", "params": .array(["twice"])]),
                        .structure(["methodName": "no.such.method", "params": .array([])]),
                    ])
                ]),
            MethodCall(methodName: "register_worker", parameters: ["python-worker"]),
            MethodCall(methodName: "request_task", parameters: ["python-worker"]),
            MethodCall(
                methodName: "complete_task",
                parameters: [
                    "1-map-0-1", "python-worker", .structure(["to": 2, "be": 2, "or": 1, "not": 1]),
                ]),
            MethodCall(methodName: MethodName.register, parameters: [register("node-8").value]),
            MethodCall(methodName: MethodName.register, parameters: [register("node-7").value]),
            MethodCall(methodName: MethodName.poll, parameters: [poll(instance).value]),
            MethodCall(methodName: MethodName.status, parameters: []),
            MethodCall(methodName: MethodName.tasks, parameters: [.structure(["kind": "map", "count": 1])]),
            MethodCall(methodName: MethodName.workers, parameters: [.structure([:])]),
            MethodCall(methodName: MethodName.why, parameters: ["1-reduce-0"]),
            MethodCall(methodName: MethodName.diagnose, parameters: []),
            MethodCall(methodName: MethodName.list, parameters: [.structure([:])]),
            MethodCall(methodName: MethodName.wait, parameters: [1, 0.0]),
            MethodCall(methodName: MethodName.pause, parameters: [1]),
            MethodCall(methodName: MethodName.resume, parameters: [1]),
            MethodCall(methodName: MethodName.prioritize, parameters: [1, 10]),
            MethodCall(
                methodName: MethodName.submit,
                parameters: [
                    .structure([
                        "arguments": .array(["books/one.txt", "--app", "top", "--output", "out"]),
                        "folder": "/home/ada",
                        "submitter": "ada",
                    ])
                ]),
            MethodCall(
                methodName: MethodName.launchWorkers,
                parameters: [
                    .structure([
                        "n": 2, "cpu": 0.5, "memory": 0.5, "code": "print('hello')", "folder": "/tmp",
                        "env": .structure(["COLOUR": "red"]), "start_delay": 60.0,
                    ])
                ]),
            MethodCall(methodName: MethodName.listWorkers, parameters: []),
            MethodCall(methodName: MethodName.awaitWorkers, parameters: [.array([1, 2]), .boolean(true), 0.0]),
            MethodCall(methodName: MethodName.sendMessage, parameters: ["master", .structure(["row": 7])]),
            MethodCall(
                methodName: MethodName.receiveMessage, parameters: [.structure(["timeout": 5.0, "acknowledge": 0])]),
            MethodCall(methodName: MethodName.stopWorkers, parameters: [1, 2]),
            MethodCall(methodName: MethodName.drain, parameters: ["node-7"]),
            MethodCall(methodName: MethodName.kick, parameters: ["node-8"]),
            MethodCall(methodName: MethodName.leave, parameters: [2, .string(instance)]),
            MethodCall(
                methodName: MethodName.token, parameters: [.structure(["role": "viewer", "rotate": .boolean(true)])]),
            MethodCall(methodName: MethodName.certificate, parameters: []),
        ] + DataExampleCalls.all + [
            MethodCall(methodName: MethodName.cancel, parameters: ["the document is written"])
        ]
    }

    private static func register(_ name: String) -> RegisterRequest {
        RegisterRequest(
            name: name, slots: 2, applications: ["wordcount"],
            place: WorkerPlace(host: "", scratch: Array("/tmp/scratch".utf8), address: "127.0.0.1:41234"))
    }

    private static func poll(_ instance: String) -> PollRequest {
        PollRequest(
            worker: WorkerID(number: 2), instance: instance, sequence: 1, reports: [], running: [], capacity: 1,
            waitMax: .seconds(3))
    }
}
