import Crypto
import DataProtocol
import XMLRPC

/// One computation, as `submit_many` takes it.
struct ComputationOrder {
    let key: String
    let item: XMLRPCValue

    static let encoder = XMLRPCEncoder(wideIntegers: .i8)
    /// The one member of a struct that stands for a future until its arguments are whole.
    private static let referenceName = "swift-mapreduce: the value of a key"

    init(
        _ function: String, _ arguments: [any Encodable], _ keywords: [String: any Encodable], key: String?,
        isPure: Bool
    ) throws {
        var members: [String: XMLRPCValue] = [
            "function": .string(function),
            "args": .array(try arguments.map { try Self.argument($0) }),
        ]
        if !keywords.isEmpty { members["kwargs"] = .structure(try keywords.mapValues { try Self.argument($0) }) }
        if let key {
            self.key = key
        } else {
            var digest = SHA256()
            // Structs are written in the order of their members' names.
            if isPure {
                digest.update(data: try XMLRPCCodec.encode(MethodResponse.value(.structure(members))))
            } else {
                digest.update(
                    data: withUnsafeBytes(of: (UInt64.random(in: 0...(.max)), UInt64.random(in: 0...(.max)))) {
                        Array($0)
                    })
            }
            let name = function.utf8.split(separator: UInt8(ascii: ":")).last.map {
                String(decoding: $0.prefix(100), as: UTF8.self)
            }
            self.key =
                "\(name ?? "")-\(digest.finalize().prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())"
        }
        members["key"] = try ObjectKey(.string(self.key)).wireValue
        item = .structure(members)
    }

    static func reference(to key: ObjectKey) -> XMLRPCValue { .structure([referenceName: key.wireValue]) }

    /// What a worker might take for a key is quoted.
    private static func argument(_ argument: any Encodable) throws -> XMLRPCValue {
        let value = try encoder.encode(argument)
        switch value {
        case .string, .base64: return .structure(["value": value])
        default: return try quoted(value)
        }
    }

    private static func quoted(_ value: XMLRPCValue) throws -> XMLRPCValue {
        switch value {
        case .array(let items): return .array(try items.map { try quoted($0) })
        case .structure(let members):
            if members.count == 1, let key = members[referenceName] { return .structure(["key": key]) }
            guard members.count == 1, members["key"] != nil || members["value"] != nil else {
                return .structure(try members.mapValues { try quoted($0) })
            }
            guard !hasReference(value) else {
                throw DataClientError.misplaced(
                    reason: "a dictionary with 'key' or 'value' alone is an argument as it is, and can't hold a future")
            }
            return .structure(["value": value])
        default: return value
        }
    }

    private static func hasReference(_ value: XMLRPCValue) -> Bool {
        switch value {
        case .array(let items): items.contains { hasReference($0) }
        case .structure(let members): members[referenceName] != nil || members.values.contains { hasReference($0) }
        default: false
        }
    }
}
