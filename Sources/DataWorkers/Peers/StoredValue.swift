import DataProtocol
import Objects
import XMLRPC

/// How values are kept: a base64 as its bytes, any other as the document of an answer that has it.
enum StoredValue {
    static func encode(_ value: XMLRPCValue) throws -> (tag: ObjectTag, bytes: [UInt8]) {
        if case .base64(let bytes) = value { return (.bytes, bytes) }
        return (.value, try XMLRPCCodec.encode(MethodResponse.value(value)))
    }

    static func decode(_ tag: ObjectTag, _ bytes: [UInt8]) throws -> XMLRPCValue {
        switch tag {
        case .bytes: return .base64(bytes)
        case .value:
            guard case .value(let value) = try XMLRPCCodec.decodeResponse(bytes) else {
                throw DataFault.refused("an object holds no value")
            }
            return value
        }
    }
}
