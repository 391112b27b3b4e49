/// Byte strings that say which one they are, and whether they are whole.
package enum NumberedBytes {
    /// - Parameter byteCount: 8 or more.
    package static func make(_ number: Int, byteCount: Int) -> [UInt8] {
        precondition(byteCount >= 8)
        var random = SplitMix64(seed: UInt64(number))
        var bytes = withUnsafeBytes(of: UInt64(number).littleEndian) { Array($0) }
        bytes.reserveCapacity(byteCount + 8)
        while bytes.count < byteCount { withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(byteCount))
    }

    /// nil when they are not exactly what ``make(_:byteCount:)`` gives.
    package static func number(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 8 else { return nil }
        let number = Int(
            UInt64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }) & 0xffff_ffff)
        return make(number, byteCount: bytes.count) == bytes ? number : nil
    }
}
