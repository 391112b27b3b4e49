import JSON
import XMLRPC

/// How a value stands in JSON.
enum ValueForm {
    /// As JSON has it. Dates and base64 are strings, so that they don't come back as what they were.
    case plain
    /// An object with one member, whose name is the type: `i` int, `l` i8, `b` boolean, `s` string, `d` double, `t` dateTime,
    /// `x` base64, `n` nil, `a` array, `o` struct.
    case tagged

    func json(of value: XMLRPCValue) -> JSONText {
        switch self {
        case .plain: bare(value)
        case .tagged: .object([(Self.tag(of: value.type), bare(value))])
        }
    }

    /// - Throws: -32600 for JSON that is no value in this form.
    func value(of json: JSONText) throws(XMLRPCFault) -> XMLRPCValue {
        switch self {
        case .plain: try plainValue(json)
        case .tagged: try taggedValue(json)
        }
    }

    private func bare(_ value: XMLRPCValue) -> JSONText {
        switch value {
        case .int(let number): .integer(Int64(number))
        case .int64(let number): .integer(number)
        case .boolean(let flag): .boolean(flag)
        case .string(let text), .dateTime(let text): .string(text)
        case .double(let number): .number(number)
        case .base64(let bytes): .string(Self.base64(bytes))
        case .nil: .null
        case .array(let items): .array(items.map(json))
        case .structure(let members):
            .object(members.sorted { $0.key < $1.key }.map { ($0.key, json(of: $0.value)) })
        }
    }

    static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        Base64.append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func tag(of type: XMLRPCType) -> String {
        switch type {
        case .int: "i"
        case .i8: "l"
        case .boolean: "b"
        case .string: "s"
        case .double: "d"
        case .dateTime: "t"
        case .base64: "x"
        case .nil: "n"
        case .array: "a"
        case .structure: "o"
        }
    }

    // MARK: From JSON

    private func plainValue(_ json: JSONText) throws(XMLRPCFault) -> XMLRPCValue {
        switch json {
        case .string(let text): .string(text)
        case .integer(let number): Int32(exactly: number).map { .int($0) } ?? .int64(number)
        case .number(let number): .double(number)
        case .boolean(let flag): .boolean(flag)
        case .null: .nil
        case .array(let items): .array(try values(items))
        case .object(let members): .structure(try structure(members))
        }
    }

    private func taggedValue(_ json: JSONText) throws(XMLRPCFault) -> XMLRPCValue {
        guard case .object(let members) = json, let (tag, content) = members.first, members.count == 1 else {
            throw .badForm("a value is not an object with one member, whose name is its type")
        }
        switch (tag, content) {
        case ("i", .integer(let number)):
            guard let number = Int32(exactly: number) else { throw .badForm("an i has more than 32 bits") }
            return .int(number)
        case ("l", .integer(let number)): return .int64(number)
        case ("b", .boolean(let flag)): return .boolean(flag)
        case ("s", .string(let text)): return .string(text)
        case ("d", .number(let number)): return .double(number)
        case ("d", .integer(let number)): return .double(Double(number))
        case ("t", .string(let text)): return .dateTime(text)
        case ("x", .string(let text)):
            guard let bytes = Base64.decode(Array(text.utf8)) else { throw .badForm("an x is not base64") }
            return .base64(bytes)
        case ("n", .null): return .nil
        case ("a", .array(let items)): return .array(try values(items))
        case ("o", .object(let members)): return .structure(try structure(members))
        default:
            throw .badForm("a value is not one of i, l, b, s, d, t, x, n, a and o with the JSON that belongs to it")
        }
    }

    private func values(_ items: [JSONText]) throws(XMLRPCFault) -> [XMLRPCValue] {
        var values: [XMLRPCValue] = []
        values.reserveCapacity(items.count)
        for item in items { values.append(try value(of: item)) }
        return values
    }

    private func structure(_ members: [(String, JSONText)]) throws(XMLRPCFault) -> [String: XMLRPCValue] {
        var structure: [String: XMLRPCValue] = [:]
        for (name, json) in members { structure[name] = try value(of: json) }
        return structure
    }
}

extension XMLRPCFault {
    static func badForm(_ message: String) -> XMLRPCFault { XMLRPCFault(code: invalidRequest, message: message) }
}
