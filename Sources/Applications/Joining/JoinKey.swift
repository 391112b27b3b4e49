import ApplicationAPI
import CDataPath

/// The intermediate key of a join: the key's bytes, each NUL followed by 255, then two NULs and the side.
///
/// Keys are so in the order of their own bytes, one that is the beginning of another included, and nothing comes between
/// the two sides of one.
enum JoinKey {
    /// What of it does not say in which part it goes.
    static let sideByteCount = 1
    private static let endByteCount = 2 + sideByteCount

    /// Replaces what is in `bytes`.
    static func store(_ key: Bytes, _ side: JoinSide, in bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        var rest = key
        while let zero = rest.firstZero {
            bytes.append(contentsOf: Bytes(rebasing: rest[...zero]))
            bytes.append(.max)
            rest = Bytes(rebasing: rest[(zero + 1)...])
        }
        bytes.append(contentsOf: rest)
        bytes.append(0)
        bytes.append(0)
        bytes.append(side.rawValue)
    }

    static func side(of bytes: Bytes) -> JoinSide { bytes.last == JoinSide.right.rawValue ? .right : .left }

    /// Replaces what is in `key` by the key's own bytes.
    static func load(_ bytes: Bytes, into key: inout [UInt8]) {
        key.removeAll(keepingCapacity: true)
        var rest = Bytes(rebasing: bytes.dropLast(endByteCount))
        while let zero = rest.firstZero {
            key.append(contentsOf: Bytes(rebasing: rest[...zero]))
            rest = Bytes(rebasing: rest[(zero + 1)...].dropFirst())
        }
        key.append(contentsOf: rest)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var firstZero: Int? {
        guard let baseAddress, count > 0 else { return nil }
        return memchr(baseAddress, 0, count).map { UnsafeRawPointer($0) - baseAddress }
    }
}
