private import CDataPath

/// What the bytes of an object mean.
package enum ObjectTag: String, Hashable, Sendable, CaseIterable {
    /// An XML-RPC value, encoded.
    case value
    /// What a base64 value carried.
    case bytes
}

/// What is known of an object without reading it. Equal ones are taken for the same content.
package struct ObjectInfo: Hashable, Sendable, CustomStringConvertible {
    package let tag: ObjectTag
    package let byteCount: Int
    package let digest: ObjectDigest

    package init(tag: ObjectTag, byteCount: Int, digest: ObjectDigest) {
        self.tag = tag
        self.byteCount = byteCount
        self.digest = digest
    }

    package var description: String {
        switch tag {
        case .value: "a value of \(byteCount) bytes with digest \(digest)"
        case .bytes: "\(byteCount) bytes with digest \(digest)"
        }
    }
}

/// CRC-32C of an object's bytes: finds damage, and is no protection against somebody who means it.
package struct ObjectDigest: Hashable, Sendable, CustomStringConvertible {
    package private(set) var checksum: UInt32

    /// - Parameter checksum: That of no bytes is 0.
    package init(checksum: UInt32 = 0) { self.checksum = checksum }

    package init(of bytes: [UInt8]) {
        checksum = 0
        bytes.withUnsafeBytes { add($0) }
    }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        checksum = mr_crc32c(checksum, start, bytes.count)
    }

    /// Eight hexadecimal digits.
    package var description: String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
