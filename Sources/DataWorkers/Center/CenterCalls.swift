import Center
import Coordinator
import DataProtocol
import LocalMachine
import WorkerProtocol
import XMLRPC

/// The methods of a center.
struct CenterCalls {
    let state: CenterState
    let identity: @Sendable () -> XMLRPCValue

    static let keyCountMax = 100_000
    static let functionByteCountMax = 1_024

    var methods: [Method] {
        [
            register, unregister, heartbeat, addKeys, removeKeys, recordComputation, claimKey, computationsEnded,
            missingData,
            whoHas, hasWhat, coreCounts, services, wait,
            scatter, gather, deleteData, broadcast, replicate, rebalance, submit, submitMany, cancel, uploadFile,
            .immediate("identity", [[.structure]], help: "Says who this is. Answers a struct.") { _ in identity() },
            .immediate("ping", [[.string]], help: "Says that the center is there. Answers 'pong'.") { _ in "pong" },
        ]
    }

    // MARK: Reading

    static func address(_ value: XMLRPCValue) throws -> String {
        guard let text = value.name(), let place = HostPort(text, defaultHost: ""), !place.host.isEmpty else {
            throw DataFault.invalid("a worker's address is HOST:PORT")
        }
        return text
    }

    static func addresses(_ value: XMLRPCValue) throws -> [String] {
        guard case .array(let values) = value, values.count <= CenterTable.workerCountMax else {
            throw DataFault.invalid("addresses come as an array of at most \(CenterTable.workerCountMax)")
        }
        return try values.map { try address($0) }
    }

    static func keys(_ value: XMLRPCValue) throws -> [ObjectKey] {
        let keys = try KeyedValues.keys(value)
        guard keys.count <= keyCountMax else {
            throw DataFault.invalid("\(keys.count) keys in one call; \(keyCountMax) are the most")
        }
        return keys
    }

    static func objects(_ value: XMLRPCValue) throws -> [HeldObject] {
        try KeyedValues.decode(value).map { key, about in
            guard case .array(let two) = about, two.count == 2 else { return try object(key, about, digest: nil) }
            return try object(key, two[0], digest: two[1])
        }
    }

    /// - Parameters:
    ///   - size: int or double.
    ///   - digest: A string: CRC-32C in hexadecimal.
    static func object(_ key: ObjectKey, _ size: XMLRPCValue?, digest: XMLRPCValue?) throws -> HeldObject {
        guard let count = size?.asDouble ?? size?.asInt.map({ Double($0) }), count >= 0, count == count.rounded(),
            count <= Double(HeldObject.byteCountMax)
        else {
            throw DataFault.invalid("the key \(key) comes without a number of bytes, 0 to \(HeldObject.byteCountMax)")
        }
        let digest = try digest.map { value in
            guard let digest = value.asString.flatMap({ UInt32($0, radix: 16) }) else {
                throw DataFault.invalid("the key \(key) has a digest that is no CRC-32C in hexadecimal")
            }
            return digest
        }
        return HeldObject(key: key, byteCount: Int64(count), digest: digest)
    }

    static func strings(_ texts: [String]) -> XMLRPCValue { .array(texts.map { .string($0) }) }
}
