import Compression
import Decompression
import Model
import TestSupport
import Testing

/// Pieces that are packed each by itself, and unpacked in whatever pieces they come.
@Suite struct PieceTests {
    private static let texts: [[UInt8]] = {
        var random = SplitMix64(seed: 91)
        let noise = (0..<600_001).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let text = (0..<30_000).flatMap { _ in Array("\(random.next() % 5_000)\tto be or not\r\n".utf8) }
        return [
            [0], Array("a\n".utf8), [UInt8](repeating: 0, count: 128 << 10), [UInt8](repeating: 9, count: 256 << 10),
            Array(noise[..<(128 << 10)]), Array(noise[..<((256 << 10) + 1)]), noise, text,
        ]
    }()

    private static let pieceByteCount = 256 << 10

    /// Every other piece is stored, or each one as it is said.
    private static func pack(_ text: [UInt8], packs: (Int) -> Bool) throws -> [UInt8] {
        let compressor = try PieceCompressor()
        var packed: [UInt8] = []
        for (number, start) in stride(from: 0, to: text.count, by: pieceByteCount).enumerated() {
            try text[start..<min(start + pieceByteCount, text.count)].withUnsafeBytes { piece in
                var output = [UInt8](repeating: 0, count: PieceCompressor.byteCountMax(forPiece: piece.count))
                let count = try output.withUnsafeMutableBytes { output in
                    packs(number)
                        ? try compressor.pack(piece, into: output) : PieceCompressor.store(piece, into: output)
                }
                packed += output[..<count]
            }
        }
        return packed
    }

    private static func unpack(_ packed: [UInt8], byteCountAtOnce: Int) throws -> [UInt8] {
        let decompressor = try PieceDecompressor()
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: packed.count, by: byteCountAtOnce) {
            try packed[start..<min(start + byteCountAtOnce, packed.count)].withUnsafeBytes { part in
                try decompressor.append(part) { bytes += $0 }
            }
        }
        try decompressor.finish()
        return bytes
    }

    @Test("Pieces come out again, packed, stored or both, however they are cut on their way", arguments: [0, 1, 2])
    func roundTrip(manner: Int) throws {
        for text in Self.texts {
            let packed = try Self.pack(text) { manner == 0 || (manner == 2 && $0.isMultiple(of: 2)) }
            for byteCountAtOnce in [1_000, 65_536, 131_072, 1 << 20] {
                #expect(try Self.unpack(packed, byteCountAtOnce: byteCountAtOnce) == text)
            }
            if text.count < 200_000 { #expect(try Self.unpack(packed, byteCountAtOnce: 1) == text) }
        }
    }

    @Test("Text becomes less than half as long")
    func shorter() throws {
        let text = Self.texts[Self.texts.count - 1]
        #expect(try Self.pack(text) { _ in true }.count < text.count / 2)
    }

    @Test("What was cut, changed, or needs more memory than pieces do is damaged")
    func damaged() throws {
        let text = Self.texts[Self.texts.count - 1]
        let packed = try Self.pack(text) { _ in true }
        for count in [1, 5, 20, packed.count / 2, packed.count - 1] {
            #expect(throws: DecompressionError.endsTooEarly(.zstandard), "\(count)") {
                try Self.unpack(Array(packed[..<count]), byteCountAtOnce: 1 << 20)
            }
        }
        #expect(throws: DecompressionError.damaged(.zstandard)) {
            try Self.unpack(packed + Array("no frame".utf8), byteCountAtOnce: 1 << 20)
        }
        #expect(throws: DecompressionError.damaged(.zstandard)) {
            try Self.unpack([0x28, 0xB5, 0x2F, 0xFD, 0, 0xFF, 0, 0, 0, 0], byteCountAtOnce: 1 << 20)
        }
        // Sound, but of one piece that is longer than any: a peer could ask for any amount of memory.
        #expect(throws: DecompressionError.damaged(.zstandard)) {
            try Self.unpack(Packed.zstandard([UInt8](repeating: 65, count: 1 << 20)), byteCountAtOnce: 1 << 20)
        }
    }
}
