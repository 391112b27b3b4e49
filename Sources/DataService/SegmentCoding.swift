import Compression
import Decompression
package import XMLRPCTransport

/// Intermediate data on its way: zstd, in frames that each hold one piece.
package struct SegmentCoding: BodyCoding {
    package init() {}

    package var name: String { "zstd" }

    package func makePacker() throws -> any BodyPacker { SegmentPacker(compressor: try PieceCompressor()) }
    package func makeUnpacker() throws -> any BodyUnpacker {
        SegmentUnpacker(decompressor: try PieceDecompressor())
    }
}

private struct SegmentPacker: BodyPacker {
    let compressor: PieceCompressor

    func byteCountMax(forPiece byteCount: Int) -> Int { PieceCompressor.byteCountMax(forPiece: byteCount) }

    func pack(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        try compressor.pack(piece, into: output)
    }

    func store(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        PieceCompressor.store(piece, into: output)
    }
}

private struct SegmentUnpacker: BodyUnpacker {
    let decompressor: PieceDecompressor

    func append(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        do {
            try decompressor.append(bytes, take)
        } catch let error as DecompressionError {
            throw BodyDamage("\(error)")
        }
    }

    func finish() throws {
        do {
            try decompressor.finish()
        } catch {
            throw BodyDamage("\(error)")
        }
    }
}
