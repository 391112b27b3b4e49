private import Glibc
private import LocalMachine
package import XMLRPC

/// The name of an object: bytes of any value, which need not be text.
///
/// On the wire it is a string where every XML document carries it unchanged, else base64. Either form of the same bytes is
/// the same key.
package struct ObjectKey: Hashable, Sendable {
    package let bytes: [UInt8]

    package static let byteCountMax = 1_024

    package init(_ bytes: [UInt8]) throws(ObjectKeyError) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Self.byteCountMax else { throw .tooLong(byteCount: bytes.count) }
        self.bytes = bytes
    }

    package init(_ value: XMLRPCValue) throws(ObjectKeyError) {
        switch value {
        case .string(let text):
            // Not the bytes first: a text of a gigabyte is not copied to be refused.
            guard text.utf8.count <= Self.byteCountMax else { throw .tooLong(byteCount: text.utf8.count) }
            try self.init(Array(text.utf8))
        case .base64(let bytes): try self.init(bytes)
        default: throw .notAKey(type: value.type)
        }
    }

    /// A carriage return makes it base64: every XML parser turns a literal one into a line feed, and not all programs write
    /// it as a reference. So does what ``StreamSafeText`` would not have.
    package var wireValue: XMLRPCValue {
        guard Self.isXMLText(bytes), let text = String(validating: bytes, as: UTF8.self), StreamSafeText.isSafe(text)
        else { return .base64(bytes) }
        return .string(text)
    }

    /// Of bytes that are UTF-8. XML 1.0, production 2.
    private static func isXMLText(_ bytes: [UInt8]) -> Bool {
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\t"), UInt8(ascii: "\n"): continue
            case 0..<0x20: return false
            case 0xEF where bytes[index...].starts(with: [0xEF, 0xBF, 0xBE]): return false
            case 0xEF where bytes[index...].starts(with: [0xEF, 0xBF, 0xBF]): return false
            default: continue
            }
        }
        return true
    }

    package static func == (left: ObjectKey, right: ObjectKey) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension ObjectKey: Comparable {
    /// Bytewise, as unsigned numbers; a key comes before those that it begins.
    package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.bytes.withUnsafeBytes { left in
            right.bytes.withUnsafeBytes { right in
                let order = memcmp(left.baseAddress!, right.baseAddress!, min(left.count, right.count))
                return order != 0 ? order < 0 : left.count < right.count
            }
        }
    }
}

extension ObjectKey: CustomStringConvertible {
    private static let shownByteCountMax = 80

    /// For people: what would garble a terminal is escaped, and a long one is cut.
    package var description: String {
        if bytes.count <= Self.shownByteCountMax { return "'\(DisplayName.of(bytes))'" }
        return "'\(DisplayName.of(Array(bytes.prefix(Self.shownByteCountMax))))'... (\(bytes.count) bytes)"
    }
}

/// Why something is no key.
package enum ObjectKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case tooLong(byteCount: Int)
    case notAKey(type: XMLRPCType)

    package var description: String {
        switch self {
        case .empty: "a key is empty; send 1 to \(ObjectKey.byteCountMax) bytes"
        case .tooLong(let byteCount):
            "a key has \(byteCount) bytes, and \(ObjectKey.byteCountMax) are the most; send a digest of it instead"
        case .notAKey(let type): "a key is a \(type.rawValue); send a string or base64"
        }
    }
}
