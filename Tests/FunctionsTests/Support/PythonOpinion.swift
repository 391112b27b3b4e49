import Glibc
import TestSupport
import XMLRPC

/// What Python makes of calls of the same functions: asked once for a whole list.
struct PythonOpinion {
    struct Trouble: Error { let command: String }

    /// - Parameters:
    ///   - cases: Functions and their arguments.
    ///   - expressions: Of each function a Python expression over `a`, the list of arguments.
    /// - Returns: For each case Python's result, or the name of its exception.
    static func ask(
        _ cases: [(function: String, arguments: [XMLRPCValue])], expressions: [String: String]
    ) throws -> [Answer] {
        let folder = try TemporaryFolder()
        let calls = cases.map { XMLRPCValue.array([.string($0.function), .array($0.arguments)]) }
        let table = XMLRPCValue.structure(expressions.mapValues(XMLRPCValue.string))
        let document = try XMLRPCCodec.encode(MethodCall(methodName: "ask", parameters: [table, .array(calls)]))
        folder.write("in", String(decoding: document, as: UTF8.self))
        folder.write("ask.py", script)
        let command = "python3 \(folder.path)/ask.py < \(folder.path)/in > \(folder.path)/out"
        guard system(command) == 0 else { throw Trouble(command: command) }
        guard case .value(.array(let answers)) = try XMLRPCCodec.decodeResponse(read("\(folder.path)/out")) else {
            throw Trouble(command: "no array came back")
        }
        return answers.map { $0["raised"]?.asString.map(Answer.raised) ?? .value($0["value"] ?? .nil) }
    }

    enum Answer: Hashable {
        case value(XMLRPCValue)
        /// The exception's type.
        case raised(String)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Trouble(command: "fopen \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Results that no document holds are exceptions here too.
    private static let script = #"""
        import math, sys, xmlrpc.client

        class Marshaller(xmlrpc.client.Marshaller):
            dispatch = dict(xmlrpc.client.Marshaller.dispatch)
            def dump_integer(self, value, write):
                write(f"<value><i8>{value}</i8></value>")
            def dump_text(self, value, write):
                write("<value><string>" + xmlrpc.client.escape(value).replace("\r", "&#13;") + "</string></value>")
            dispatch[int] = dump_integer
            dispatch[str] = dump_text
        xmlrpc.client.Marshaller = Marshaller

        def check(value):
            if isinstance(value, complex):
                raise TypeError
            if isinstance(value, int) and not -2**63 <= value < 2**63:
                raise OverflowError
            if isinstance(value, float) and not math.isfinite(value):
                raise OverflowError
            if isinstance(value, (list, tuple)):
                for item in value:
                    check(item)
            if isinstance(value, dict):
                for item in value.values():
                    check(item)
            return value

        (table, calls), _ = xmlrpc.client.loads(sys.stdin.buffer.read(), use_builtin_types=True)
        def power(base, exponent):
            # Its digits would fill the memory.
            if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1 and exponent > 64:
                raise OverflowError
            return base ** exponent

        functions = {name: eval("lambda a: " + text) for name, text in table.items()}
        answers = []
        for name, arguments in calls:
            try:
                answers.append({"value": check(functions[name](arguments))})
            except Exception as error:
                answers.append({"raised": type(error).__name__})
        text = xmlrpc.client.dumps((answers,), methodresponse=True)
        sys.stdout.buffer.write(text.encode())
        """#
}

extension XMLRPCValue {
    /// The same with all integers as i8, so that only their numbers are compared, and doubles by their bits and strings by their bytes.
    var widened: XMLRPCValue {
        switch self {
        case .int(let number): .int64(Int64(number))
        case .string(let text): .structure(["string": .base64(Array(text.utf8))])
        case .array(let items): .array(items.map(\.widened))
        case .structure(let members): .structure(members.mapValues(\.widened))
        case .double(let number): .structure(["double": .int64(Int64(bitPattern: number.bitPattern))])
        case .int64, .boolean, .dateTime, .base64, .nil: self
        }
    }
}
