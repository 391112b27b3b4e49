import Synchronization
import Testing
import XMLRPC

/// Calls a method that answers at once.
func answer(
    _ table: MethodTable, _ name: String, _ parameters: [XMLRPCValue] = [],
    caller: Caller = Caller(id: 1, remoteAddress: "test")
) throws -> MethodResponse {
    let answer = Mutex<MethodResponse?>(nil)
    table.answer(MethodCall(methodName: name, parameters: parameters), caller: caller) { response in
        answer.withLock { stored in
            #expect(stored == nil, "one answer per call")
            stored = response
        }
    }
    return try #require(answer.withLock { $0 })
}

func faultAnswer(_ table: MethodTable, _ name: String, _ parameters: [XMLRPCValue] = []) throws -> XMLRPCFault {
    guard case .fault(let fault) = try answer(table, name, parameters) else {
        throw XMLRPCFault(code: 0, message: "\(name) did not fail")
    }
    return fault
}

let sampleTable = MethodTable([
    Method(name: "sample.add", signatures: [[.int, .int, .int]], help: "Adds two integers.", role: "worker") {
        parameters, _ in
        .number((parameters[0].asInt ?? 0) + (parameters[1].asInt ?? 0))
    },
    Method(name: "sample.echo", signatures: [], help: "") { parameters, _ in .array(parameters) },
    Method(
        name: "sample.overloaded", signatures: [[.nil, .string], [.nil, .structure], [.nil, .string, .double]], help: ""
    ) {
        _, _ in .nil
    },
    Method(name: "sample.fail", signatures: [[.nil, .int]], help: "") { parameters, _ in
        throw XMLRPCFault(code: parameters[0].asInt ?? 0, message: "as asked")
    },
    Method(name: "sample.leak", signatures: [[.nil]], help: "") { _, _ in throw Leak() },
])

private struct Leak: Error { let path = "/secret/path" }

extension XMLRPCValue {
    /// An int; traps past 32 bits.
    static func number(_ number: Int) -> XMLRPCValue { .int(Int32(number)) }
}

@Suite struct MethodTableTests {
    @Test("A call reaches its method and the method's answer the caller")
    func call() throws {
        #expect(try answer(sampleTable, "sample.add", [2, 3]) == .value(5))
    }

    @Test(
        "Only methods in the table can be called",
        arguments: ["", "sample", "sample.add ", "Sample.add", "system", "init"])
    func unknown(name: String) throws {
        #expect(try faultAnswer(sampleTable, name).code == XMLRPCFault.methodNotFound)
    }

    @Test(
        "Parameters that match no signature are refused by name, position and type",
        arguments: [
            ("sample.add", [2], "sample.add takes 2 parameters, not 1"),
            ("sample.add", [2, "3"], "sample.add: parameter 2 must be int, not string"),
            ("sample.add", [.int64(2), 3], "sample.add: parameter 1 must be int, not i8"),
            ("sample.overloaded", [], "sample.overloaded takes 1 or 2 parameters, not 0"),
            ("sample.overloaded", [1], "sample.overloaded: parameter 1 must be string or struct, not int"),
            ("sample.overloaded", ["x", "y"], "sample.overloaded: parameter 2 must be double, not string"),
            ("system.listMethods", [1], "system.listMethods takes 0 parameters, not 1"),
            ("system.methodHelp", [1], "system.methodHelp: parameter 1 must be string, not int"),
        ] as [(String, [XMLRPCValue], String)])
    func mismatch(name: String, parameters: [XMLRPCValue], message: String) throws {
        let fault = try faultAnswer(sampleTable, name, parameters)
        #expect(fault == XMLRPCFault(code: XMLRPCFault.invalidParameters, message: message))
    }

    @Test("Any overload will do, an int where a double is wanted, and anything where nothing is said")
    func match() throws {
        #expect(try answer(sampleTable, "sample.overloaded", ["x"]) == .value(.nil))
        #expect(try answer(sampleTable, "sample.overloaded", [[:]]) == .value(.nil))
        #expect(try answer(sampleTable, "sample.overloaded", ["x", 1]) == .value(.nil))
        #expect(try answer(sampleTable, "sample.echo", [1, "a", [:]]) == .value([1, "a", [:]]))
    }

    @Test("A method's fault reaches the caller, but not a reserved code that it has no business with")
    func faults() throws {
        for code in [1, -1, 200, -31999, -32769, -32602, -32603, -32500, -32400, -32300] {
            #expect(try faultAnswer(sampleTable, "sample.fail", [.number(code)]).code == code)
        }
        for code in [-32000, -32099, -32700, -32600, -32601, -32768, -32001] {
            let fault = try faultAnswer(sampleTable, "sample.fail", [.number(code)])
            #expect(fault == XMLRPCFault(code: XMLRPCFault.applicationError, message: "as asked"))
        }
    }

    @Test("Any other error becomes an internal error that says nothing of it")
    func otherErrors() throws {
        let fault = try faultAnswer(sampleTable, "sample.leak")
        #expect(fault == XMLRPCFault(code: XMLRPCFault.internalError, message: "internal error in sample.leak"))
    }

    @Test("The gate is asked before the method, with its caller")
    func gate() throws {
        let table = MethodTable(sampleTable.methods.filter { $0.name.hasPrefix("sample.") }) { method, caller in
            method.role.isEmpty || method.role == caller.role
                ? nil : XMLRPCFault(code: 403, message: "not for \(caller.role)")
        }
        let viewer = Caller(id: 1, remoteAddress: "test", role: "viewer")
        let worker = Caller(id: 2, remoteAddress: "test", role: "worker")
        let refusal = XMLRPCFault(code: 403, message: "not for viewer")
        #expect(try answer(table, "sample.add", [1, 1], caller: viewer) == .fault(refusal))
        #expect(try answer(table, "sample.add", [1, 1], caller: worker) == .value(2))
        let calls: XMLRPCValue = [["methodName": "sample.add", "params": [1, 1]]]
        #expect(try answer(table, "system.multicall", [calls], caller: viewer) == .value([refusal.structure]))
        #expect(try answer(table, "system.multicall", [calls], caller: worker) == .value([[2]]))
    }

    @Test("Methods describe themselves")
    func introspection() throws {
        let names: [XMLRPCValue] = [
            "sample.add", "sample.echo", "sample.fail", "sample.leak", "sample.overloaded", "system.getCapabilities",
            "system.listMethods", "system.methodExist", "system.methodHelp", "system.methodSignature",
            "system.multicall",
        ]
        #expect(try answer(sampleTable, "system.listMethods") == .value(.array(names)))
        #expect(try answer(sampleTable, "system.methodSignature", ["sample.add"]) == .value([["int", "int", "int"]]))
        let overloads: XMLRPCValue = [["nil", "string"], ["nil", "struct"], ["nil", "string", "double"]]
        #expect(try answer(sampleTable, "system.methodSignature", ["sample.overloaded"]) == .value(overloads))
        #expect(try answer(sampleTable, "system.methodSignature", ["sample.echo"]) == .value("undef"))
        #expect(
            try answer(sampleTable, "system.methodHelp", ["sample.add"]) == .value("Adds two integers. Role: worker."))
        #expect(try answer(sampleTable, "system.methodHelp", ["sample.echo"]) == .value(""))
        #expect(try answer(sampleTable, "system.methodExist", ["sample.add"]) == .value(true))
        #expect(try answer(sampleTable, "system.methodExist", ["nope"]) == .value(false))
        for name in ["system.methodHelp", "system.methodSignature"] {
            #expect(try faultAnswer(sampleTable, name, ["nope"]).code == XMLRPCFault.methodNotFound)
        }
        for name in names {
            guard case .value(.string(let help)) = try answer(sampleTable, "system.methodHelp", [name]) else {
                Issue.record("no help for \(name)")
                continue
            }
            #expect(!help.contains("\n"))
        }
    }

    @Test("Capabilities are named with their specifications and versions")
    func capabilities() throws {
        guard case .value(let capabilities) = try answer(sampleTable, "system.getCapabilities") else {
            Issue.record("no capabilities")
            return
        }
        #expect(capabilities["xmlrpc"]?["specUrl"] == "http://www.xmlrpc.com/spec")
        #expect(capabilities["faults_interop"]?["specVersion"] == 20_010_516)
        for capability in (capabilities.asStructure ?? [:]).values {
            #expect(capability["specUrl"]?.asString != nil && capability["specVersion"]?.asInt != nil)
        }
    }

    @Test("Two methods of one name are a programmer's error")
    func doubledNames() async {
        await #expect(processExitsWith: .failure) {
            let method = Method(name: "a", signatures: [], help: "") { _, _ in .nil }
            _ = MethodTable([method, method])
        }
    }
}
