import DataProtocol
import Objects
import XMLRPC

/// An object as workers tell each other of it: `[tag, nbytes, digest]`, with its bytes behind that where it is small. Of one that is
/// not there an empty array is told.
struct ObjectMessage: Sendable {
    let info: ObjectInfo
    /// nil where they must be fetched by themselves.
    let bytes: [UInt8]?

    /// All that a double counts one by one.
    private static let byteCountMax = 1 << 53

    init(_ info: ObjectInfo, bytes: [UInt8]? = nil) {
        self.info = info
        self.bytes = bytes
    }

    var value: XMLRPCValue {
        let head: [XMLRPCValue] = [
            .string(info.tag.rawValue), .double(Double(info.byteCount)), .string("\(info.digest)"),
        ]
        return .array(bytes.map { head + [.base64($0)] } ?? head)
    }

    static let absent = XMLRPCValue.array([])

    /// - Returns: nil for an object that is not there.
    /// - Throws: Where it is nothing that a worker tells.
    static func read(_ value: XMLRPCValue) throws(XMLRPCFault) -> ObjectMessage? {
        guard case .array(let parts) = value else { throw unknown }
        if parts.isEmpty { return nil }
        guard parts.count == 3 || parts.count == 4, let tag = parts[0].asString.flatMap({ ObjectTag(rawValue: $0) }),
            let count = parts[1].asDouble, count >= 0, count < Double(byteCountMax),
            let checksum = parts[2].asString.flatMap({ UInt32($0, radix: 16) })
        else { throw unknown }
        let info = ObjectInfo(tag: tag, byteCount: Int(count), digest: ObjectDigest(checksum: checksum))
        guard parts.count == 4 else { return ObjectMessage(info) }
        guard case .base64(let bytes) = parts[3] else { throw unknown }
        return ObjectMessage(info, bytes: bytes)
    }

    private static var unknown: XMLRPCFault { DataFault.refused("it tells of objects in a way that is not known here") }

    /// Whether the bytes are those that the rest tells of.
    var isWhole: Bool {
        guard let bytes else { return false }
        return bytes.count == info.byteCount && ObjectDigest(of: bytes) == info.digest
    }
}

extension ObjectInfo {
    /// Equal for equal content, and for nothing else: `bytes-100-0a1b2c3d`.
    var entityTag: String { "\(tag.rawValue)-\(byteCount)-\(digest)" }
}

/// Where objects are on a data port: `/objects/HEX`, with the key's bytes in hexadecimal.
enum ObjectPath {
    static let objects = "/objects"
    /// How much of an object has come that is being brought.
    static let uploads = "/uploads"

    static func of(_ key: ObjectKey) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return "\(objects)/"
            + String(decoding: key.bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// - Returns: nil for what is not hexadecimal.
    static func key(_ text: String) throws(ObjectKeyError) -> ObjectKey? {
        let digits = Array(text.utf8)
        guard !digits.isEmpty, digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digit(digits[start]), let low = digit(digits[start + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return try ObjectKey(bytes)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
