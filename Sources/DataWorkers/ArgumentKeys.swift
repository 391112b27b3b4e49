import DataProtocol
import XMLRPC

/// Which arguments of a function stand for objects.
///
/// `{key: K}` does at any depth of arrays and structs. A string or base64 does where it is an argument by itself and the key of an object
/// that is known. `{value: V}` stands for V, in which nothing is looked for.
struct ArgumentKeys {
    /// In so many words.
    private(set) var named: Set<ObjectKey> = []
    /// Those that may be meant.
    private(set) var possible: Set<ObjectKey> = []

    init(_ arguments: [XMLRPCValue], _ keywords: [String: XMLRPCValue]) throws(ObjectKeyError) {
        for argument in arguments + keywords.values {
            switch argument {
            case .string, .base64:
                // What is no key is no name of an object either.
                if let key = try? ObjectKey(argument) { possible.insert(key) }
            default: try look(in: argument)
            }
        }
        possible.subtract(named)
    }

    private mutating func look(in value: XMLRPCValue) throws(ObjectKeyError) {
        switch value {
        case .array(let items): for item in items { try look(in: item) }
        case .structure(let members):
            if members.count == 1, let key = members["key"] {
                named.insert(try ObjectKey(key))
            } else if members.count != 1 || members["value"] == nil {
                for member in members.values { try look(in: member) }
            }
        default: break
        }
    }

    /// Puts objects in the place of what stands for them.
    ///
    /// - Parameter inputs: Keys that are objects; others that were only possible stay what they are.
    static func fill(
        _ argument: XMLRPCValue, _ inputs: Set<ObjectKey>, _ object: (ObjectKey) throws -> XMLRPCValue
    ) throws -> XMLRPCValue {
        switch argument {
        case .string, .base64:
            // What is no key is a value.
            guard let key = try? ObjectKey(argument), inputs.contains(key) else { return argument }
            return try object(key)
        default: return try fillInside(argument, object)
        }
    }

    private static func fillInside(
        _ value: XMLRPCValue, _ object: (ObjectKey) throws -> XMLRPCValue
    ) throws -> XMLRPCValue {
        switch value {
        case .array(let items): return .array(try items.map { try fillInside($0, object) })
        case .structure(let members):
            if members.count == 1, let key = members["key"] { return try object(ObjectKey(key)) }
            if members.count == 1, let value = members["value"] { return value }
            return .structure(try members.mapValues { try fillInside($0, object) })
        default: return value
        }
    }
}

/// A function's arguments as one document: that of a call of it with an array and a struct.
enum ArgumentDocument {
    static func encode(
        _ arguments: [XMLRPCValue], _ keywords: [String: XMLRPCValue]
    ) throws -> [UInt8] {
        try XMLRPCCodec.encode(
            MethodCall(methodName: "arguments", parameters: [.array(arguments), .structure(keywords)]))
    }

    static func decode(_ bytes: [UInt8]) throws -> (arguments: [XMLRPCValue], keywords: [String: XMLRPCValue]) {
        let call = try XMLRPCCodec.decodeCall(bytes)
        guard call.parameters.count == 2, case .array(let arguments) = call.parameters[0],
            case .structure(let keywords) = call.parameters[1]
        else { throw DataFault.invalid("arguments come as an array and a struct") }
        return (arguments, keywords)
    }
}
