import CBZip2
import CLZMA
import CZLib
import CZStandard

/// Compresses bytes by the formats' own libraries.
package enum Packed {
    package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        var packed = [UInt8](repeating: 0, count: bytes.count + bytes.count / 10 + 1_000)
        let count = withUnsafeMutablePointer(to: &stream) { stream -> Int in
            precondition(
                deflateInit2_(
                    stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                    Int32(MemoryLayout<z_stream>.size)) == Z_OK)
            var bytes = bytes
            return bytes.withUnsafeMutableBufferPointer { source in
                packed.withUnsafeMutableBufferPointer { target in
                    stream.pointee.next_in = source.baseAddress
                    stream.pointee.avail_in = UInt32(source.count)
                    stream.pointee.next_out = target.baseAddress
                    stream.pointee.avail_out = UInt32(target.count)
                    precondition(deflate(stream, Z_FINISH) == Z_STREAM_END)
                    deflateEnd(stream)
                    return target.count - Int(stream.pointee.avail_out)
                }
            }
        }
        return Array(packed[..<count])
    }

    package static func bzip2(_ bytes: [UInt8]) -> [UInt8] {
        var source = bytes.map { CChar(bitPattern: $0) }
        var packed = [CChar](repeating: 0, count: bytes.count + bytes.count / 50 + 1_000)
        var count = UInt32(packed.count)
        precondition(BZ2_bzBuffToBuffCompress(&packed, &count, &source, UInt32(source.count), 9, 0, 0) == BZ_OK)
        return packed[..<Int(count)].map { UInt8(bitPattern: $0) }
    }

    package static func xz(_ bytes: [UInt8]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: lzma_stream_buffer_bound(bytes.count))
        var count = 0
        precondition(
            lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nil, bytes, bytes.count, &packed, &count, packed.count)
                == LZMA_OK)
        return Array(packed[..<count])
    }

    package static func zstandard(_ bytes: [UInt8]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress(&packed, packed.count, bytes, bytes.count, 3)
        precondition(ZSTD_isError(count) == 0)
        return Array(packed[..<count])
    }
}
