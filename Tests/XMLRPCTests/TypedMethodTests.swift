import Synchronization
import Testing
import XMLRPC

private struct Point: XMLRPCCodable, Equatable {
    var x: Double
    var y: Double
    var label: String?
}

private enum Direction: String, XMLRPCCodable {
    case up, down
}

private struct Leak: Error { let path = "/secret/path" }

private struct Gossip: XMLRPCCodable {
    init() {}
    init(from decoder: any Decoder) throws { throw Leak() }
    func encode(to encoder: any Encoder) throws { throw Leak() }
}

private let typedTable = MethodTable([
    Method("add", help: "Adds two integers.", parameters: "a", "b") { (a: Int, b: Int) in a + b },
    Method("narrow", help: "", parameters: "n") { (n: Int8) in Int(n) },
    Method("unnamed", help: "") { (a: Int, b: String) in "\(a)\(b)" },
    Method("none", help: "Takes nothing.") { 42 },
    Method("move", help: "Moves a point.", parameters: "point", "to") { (point: Point, to: Direction) throws in
        Point(x: point.x, y: point.y + (to == .up ? 1 : -1))
    },
    Method("greet", help: "", parameters: "name", "greeting", "count") {
        (name: String, greeting: String?, count: Int?) in
        "\(greeting ?? "Hello") \(name) \(count ?? 1)"
    },
    Method("sum", help: "", parameters: "first", "rest") { (first: Int, rest: RemainingParameters<Int>) in
        rest.values.reduce(first, +)
    },
    Method("whoami", help: "", parameters: "suffix") { (caller: Caller, suffix: String) in caller.role + suffix },
    Method("echo", help: "", parameters: "value") { (value: XMLRPCValue) in value },
    Method("bytes", help: "", parameters: "bytes") { (bytes: [UInt8]) in bytes.count },
    Method("wide", help: "", parameters: "n") { (n: Int64) in n },
    Method("big", help: "") { 1 << 40 },
    Method("maybe", help: "", parameters: "n") { (n: Int) -> Int? in n > 0 ? n : nil },
    Method("date", help: "", parameters: "date", "all") { (date: XMLRPCDateTime, all: [String: [Float]]) in date },
    Method("leak", help: "") { () throws -> Int in throw Leak() },
    Method("fault", help: "") { () throws -> Int in throw XMLRPCFault(code: 7, message: "seven") },
    Method("gossip", help: "") { Gossip() },
    Method("listen", help: "", parameters: "gossip") { (gossip: Gossip) in 1 },
    Method("later", help: "", parameters: "a") { (a: Int) async throws -> Int in
        await Task.yield()
        if a < 0 { throw XMLRPCFault(code: 9, message: "negative") }
        return a * 2
    },
])

@Suite struct TypedMethodTests {
    private let caller = Caller(id: 1, remoteAddress: "test", role: "admin")

    private func value(_ name: String, _ parameters: XMLRPCValue...) throws -> XMLRPCValue {
        switch try answer(typedTable, name, parameters, caller: caller) {
        case .value(let value): return value
        case .fault(let fault): throw fault
        }
    }

    private func laterAnswer(_ table: MethodTable, _ name: String, _ parameters: [XMLRPCValue]) async -> MethodResponse
    {
        await withCheckedContinuation { continuation in
            table.answer(MethodCall(methodName: name, parameters: parameters), caller: caller) {
                continuation.resume(returning: $0)
            }
        }
    }

    @Test("Parameters arrive as the closure's types, and its result is sent as the type that it is")
    func calls() throws {
        #expect(try value("add", 2, 3) == 5)
        #expect(try value("add", .int64(2), 3) == 5)
        #expect(try value("none") == 42)
        #expect(try value("unnamed", 1, "x") == "1x")
        #expect(try value("move", ["x": 1, "y": 2.5], "up") == ["x": 1.0, "y": 3.5])
        #expect(try value("echo", [1, .nil]) == [1, .nil])
        #expect(try value("bytes", .base64([1, 2])) == 2)
        #expect(try value("wide", 5) == .int64(5))
        #expect(try value("date", .dateTime("19980717T00:00:00"), ["a": [1]]) == .dateTime("19980717T00:00:00"))
        #expect(try value("whoami", "!") == "admin!")
    }

    @Test("Optionals may be left out at the end, or be nil, and a nil result is nil")
    func optionals() throws {
        #expect(try value("greet", "Ann") == "Hello Ann 1")
        #expect(try value("greet", "Ann", "Hi") == "Hi Ann 1")
        #expect(try value("greet", "Ann", .nil, 2) == "Hello Ann 2")
        #expect(try value("maybe", 1) == 1)
        #expect(try value("maybe", 0) == .nil)
    }

    @Test("Any number of parameters may follow where the closure says so")
    func remaining() throws {
        #expect(try value("sum", 1) == 1)
        #expect(try value("sum", 1, 2, 3) == 6)
    }

    @Test(
        "Bad parameters are refused with the parameter's name and what it must be",
        arguments: [
            ("add", [2], "add takes 2 parameters, not 1"),
            ("add", [2, 3, 4], "add takes 2 parameters, not 3"),
            ("none", [1], "none takes 0 parameters, not 1"),
            ("narrow", [], "narrow takes 1 parameter, not 0"),
            ("greet", [], "greet takes 1 to 3 parameters, not 0"),
            ("sum", [], "sum takes 1 or more parameters, not 0"),
            ("add", [2, "3"], "add: parameter 2 (b) must be int, not string"),
            ("add", [2, 3.0], "add: parameter 2 (b) must be int, not double"),
            ("add", [1, .int64(1 << 31)], "add: parameter 2 (b) must be from -2147483648 to 2147483647"),
            ("unnamed", ["", ""], "unnamed: parameter 1 must be int, not string"),
            ("narrow", [128], "narrow: parameter 1 (n) must be from -128 to 127"),
            ("move", [["x": 1, "y": "2"], "up"], "move: parameter 1 (point) y must be double, not string"),
            ("move", [["x": 1], "up"], "move: parameter 1 (point) must have a member y"),
            ("move", [[], "up"], "move: parameter 1 (point) must be struct, not array"),
            ("greet", ["Ann", 1], "greet: parameter 2 (greeting) must be string, not int"),
            ("sum", [1, 2, "3"], "sum: parameter 3 (rest) must be int, not string"),
            ("bytes", ["x"], "bytes: parameter 1 (bytes) must be base64, not string"),
            ("date", [1, [:]], "date: parameter 1 (date) must be dateTime.iso8601, not int"),
            (
                "date", [.dateTime("19980717T00:00:00"), ["a": [1, true]]],
                "date: parameter 2 (all) a[1] must be double, not boolean"
            ),
            ("listen", [1], "listen: parameter 1 (gossip) is not what was expected"),
        ] as [(String, [XMLRPCValue], String)])
    func mismatches(name: String, parameters: [XMLRPCValue], message: String) throws {
        let fault = try faultAnswer(typedTable, name, parameters)
        #expect(fault == XMLRPCFault(code: XMLRPCFault.invalidParameters, message: message))
    }

    @Test("A value that an enumeration lacks is refused, and its name is not repeated")
    func unknownCase() throws {
        let fault = try faultAnswer(typedTable, "move", [["x": 1, "y": 2], "sideways"])
        #expect(fault.code == XMLRPCFault.invalidParameters)
        #expect(fault.message == "move: parameter 2 (to) is not one of the values it may have")
    }

    @Test("Errors of the closure become faults that give nothing away")
    func errors() throws {
        #expect(try faultAnswer(typedTable, "fault") == XMLRPCFault(code: 7, message: "seven"))
        for name in ["leak", "gossip"] {
            let fault = XMLRPCFault(code: XMLRPCFault.internalError, message: "internal error in \(name)")
            #expect(try faultAnswer(typedTable, name) == fault)
        }
        let big = try faultAnswer(typedTable, "big")
        #expect(big.code == XMLRPCFault.internalError)
        #expect(big.message.hasPrefix("internal error in big: its result needs more than the 32 bits of an int"))
    }

    @Test("Whoever keeps the table is told of errors, and not of faults")
    func errorHandler() async throws {
        let told = Mutex<[String]>([])
        let methods = typedTable.methods.filter { !["later"].contains($0.name) && !$0.name.hasPrefix("system.") }
        let late = Method("late", help: "") { () async throws -> Int in throw Leak() }
        let table = MethodTable(
            methods + [late],
            onError: { method, error in told.withLock { $0.append("\(method.name) \(error is Leak)") } })
        for name in ["leak", "gossip", "fault", "none", "late"] {
            // What callers hear is tried elsewhere.
            _ = await laterAnswer(table, name, [])
        }
        #expect(told.withLock(\.self) == ["leak true", "gossip true", "late true"])
    }

    @Test("Signatures are those of the closure's types")
    func signatures() throws {
        func signature(_ name: String) throws -> XMLRPCValue { try value("system.methodSignature", .string(name)) }
        #expect(try signature("add") == [["int", "int", "int"]])
        #expect(try signature("none") == [["int"]])
        #expect(try signature("move") == [["struct", "struct", "string"]])
        #expect(try signature("bytes") == [["int", "base64"]])
        #expect(try signature("wide") == [["i8", "i8"]])
        #expect(try signature("date") == [["dateTime.iso8601", "dateTime.iso8601", "struct"]])
        #expect(try signature("whoami") == [["string", "string"]])
        #expect(
            try signature("greet") == [
                ["string", "string"], ["string", "string", "string"], ["string", "string", "string", "int"],
            ])
        #expect(try signature("sum") == "undef")
        #expect(try signature("echo") == "undef")
    }

    @Test("Help says what the method takes and returns")
    func help() throws {
        func help(_ name: String) throws -> XMLRPCValue { try value("system.methodHelp", .string(name)) }
        #expect(try help("add") == "Adds two integers. Takes a (int), b (int); returns int.")
        #expect(try help("none") == "Takes nothing. Returns int.")
        #expect(try help("unnamed") == "Takes int, string; returns string.")
        #expect(
            try help("greet")
                == "Takes name (string), greeting (string, may be left out), count (int, may be left out); returns string."
        )
        #expect(try help("sum") == "Takes first (int), rest (int, any number); returns int.")
        #expect(try help("echo") == "Takes value (any type); returns any type.")
    }

    @Test("A closure that waits answers later, alone and in a multicall")
    func later() async {
        #expect(await laterAnswer(typedTable, "later", [4]) == .value(8))
        #expect(await laterAnswer(typedTable, "later", [-4]) == .fault(XMLRPCFault(code: 9, message: "negative")))
        #expect(
            await laterAnswer(typedTable, "later", ["x"])
                == .fault(XMLRPCFault(code: -32602, message: "later: parameter 1 (a) must be int, not string")))
        let calls = XMLRPCValue.array((0..<50).map { ["methodName": "later", "params": [.int($0)]] })
        let expected = XMLRPCValue.array((0..<50).map { [.int($0 * 2)] })
        #expect(await laterAnswer(typedTable, "system.multicall", [calls]) == .value(expected))
    }

    @Test("The task of a caller who hung up is cancelled, and no other")
    func cancellation() async throws {
        let started = Mutex(0)
        let table = MethodTable([
            Method("sleep", help: "") { () async throws -> Bool in
                started.withLock { $0 += 1 }
                do {
                    try await Task.sleep(for: .seconds(600))
                } catch {
                    return Task.isCancelled
                }
                return false
            }
        ])
        async let answer = laterAnswer(table, "sleep", [])
        while started.withLock({ $0 }) == 0 { await Task.yield() }
        table.cancelCalls(of: 99)
        table.cancelCalls(of: caller.id)
        #expect(await answer == .value(true))
        table.cancelCalls(of: caller.id)
    }

    @Test("A closure that does not wait answers before the call returns")
    func synchronous() throws {
        // `answer` takes nothing that comes later.
        #expect(try value("add", 1, 1) == 2)
    }

    @Test("A declaration that names too few parameters, or lets some follow the last, is a programmer's error")
    func badDeclarations() async {
        await #expect(processExitsWith: .failure) {
            _ = Method("a", help: "", parameters: "x") { (a: Int, b: Int) in a + b }
        }
        await #expect(processExitsWith: .failure) {
            _ = Method("a", help: "") { (a: RemainingParameters<Int>, b: Int) in b }
        }
    }
}
