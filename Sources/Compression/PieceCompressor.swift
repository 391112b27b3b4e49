import CZStandard

/// Packs pieces of a body, each as one frame of RFC 8878, by libzstd.
///
/// There is no checksum in the frames: what is packed so has its own.
///
/// `@unchecked Sendable`: it has no lock of its own. Whoever holds it packs one piece after the other, on whatever thread.
package final class PieceCompressor: @unchecked Sendable {
    private let stream: OpaquePointer

    /// Three times as fast as what `zstd` takes by itself, and hardly longer.
    private static let level: Int32 = 1

    /// - Throws: ``CompressionError/noMemory``
    package init() throws(CompressionError) {
        guard let stream = ZSTD_createCCtx() else { throw .noMemory }
        self.stream = stream
    }

    deinit { ZSTD_freeCCtx(stream) }

    /// Whether it is packed or stored.
    package static func byteCountMax(forPiece byteCount: Int) -> Int {
        max(ZSTD_compressBound(byteCount), StoredFrame.byteCount(of: byteCount))
    }

    /// - Parameter output: Room for ``byteCountMax(forPiece:)``.
    /// - Returns: How much of it was filled.
    package func pack(
        _ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let count = ZSTD_compressCCtx(
            stream, output.baseAddress, output.count, piece.baseAddress, piece.count, Self.level)
        guard ZSTD_isError(count) == 0 else { throw .refused(reason: String(cString: ZSTD_getErrorName(count))) }
        return count
    }

    /// The same, of raw blocks.
    package static func store(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        StoredFrame.write(piece, into: output)
    }
}

/// A frame that holds bytes as they are (RFC 8878, section 3.1.1).
private enum StoredFrame {
    private static let magic: UInt32 = 0xFD2F_B528
    /// A content size of 4 bytes, one segment, no checksum, no dictionary.
    private static let descriptor: UInt8 = 0b1010_0000
    private static let headerByteCount = 9
    private static let blockHeaderByteCount = 3
    private static let blockByteCountMax = 128 << 10

    static func byteCount(of contents: Int) -> Int {
        let blockCount = max(1, (contents + blockByteCountMax - 1) / blockByteCountMax)
        return headerByteCount + blockCount * blockHeaderByteCount + contents
    }

    static func write(_ contents: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        output.storeBytes(of: magic.littleEndian, as: UInt32.self)
        output[4] = descriptor
        output.storeBytes(of: UInt32(contents.count).littleEndian, toByteOffset: 5, as: UInt32.self)
        var (taken, filled) = (0, headerByteCount)
        repeat {
            let count = min(blockByteCountMax, contents.count - taken)
            // Its type is 0, raw, in the two bits after that of the last block.
            let header = UInt32(count) << 3 | (taken + count == contents.count ? 1 : 0)
            for place in 0..<blockHeaderByteCount {
                output[filled + place] = UInt8(header >> (8 * UInt32(place)) & 0xFF)
            }
            filled += blockHeaderByteCount
            UnsafeMutableRawBufferPointer(rebasing: output[filled..<(filled + count)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: contents[taken..<(taken + count)]))
            (taken, filled) = (taken + count, filled + count)
        } while taken < contents.count
        return filled
    }
}
