import Compression
import Decompression
import Model
import TestSupport
import Testing

/// What is packed comes out again, and is the same however it came.
@Suite struct CompressionTests {
    /// - Parameter pieceByteCount: How many bytes come at once.
    private static func pack(
        _ bytes: [UInt8], _ compression: OutputCompression, pieceByteCount: Int = 1 << 20
    ) throws -> [UInt8] {
        let compressor = try Compressor(compression)
        var packed: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
            try bytes[start..<min(start + pieceByteCount, bytes.count)].withUnsafeBytes { piece in
                try compressor.write(piece) { packed += $0 }
            }
        }
        try compressor.finish { packed += $0 }
        return packed
    }

    private static func unpack(_ packed: [UInt8], _ compression: InputCompression) throws -> [UInt8] {
        var (rest, bytes) = (packed[...], [UInt8]())
        try Decompression.unpack(compression) { buffer in
            let part = rest.prefix(buffer.count)
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        } write: {
            bytes += $0
        }
        return bytes
    }

    private static let texts: [[UInt8]] = {
        var random = SplitMix64(seed: 81)
        let noise = (0..<700_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let text = (0..<60_000).flatMap { _ in Array("\(random.next() % 5_000) to be or not to be\r\n".utf8) }
        return [
            [], [0], Array("a\n".utf8), [UInt8](repeating: 0, count: 256 << 10),
            [UInt8](repeating: 7, count: (256 << 10) + 1), noise,
            // Longer when it is packed than what is given at once.
            Array(noise[..<((256 << 10) - 1)]), text,
        ]
    }()

    @Test(
        "What is packed is of its format, comes out again, and is the same bytes however much comes at once",
        arguments: OutputCompression.allCases)
    func roundTrip(compression: OutputCompression) throws {
        for text in Self.texts {
            let packed = try Self.pack(text, compression)
            #expect(InputCompression(start: packed) == compression.unpacking)
            #expect(try Self.unpack(packed, compression.unpacking) == text)
            for pieceByteCount in [1_000, 77_777, 262_144, 300_000] {
                #expect(try Self.pack(text, compression, pieceByteCount: pieceByteCount) == packed, "\(pieceByteCount)")
            }
        }
        let text = Self.texts.last ?? []
        #expect(try Self.pack(text, compression).count < text.count / 3)
    }

    @Test("What takes the packed bytes may fail, and so does the packing", arguments: OutputCompression.allCases)
    func failing(compression: OutputCompression) throws {
        struct Full: Error {}
        let compressor = try Compressor(compression)
        #expect(throws: Full.self) {
            for text in Self.texts { try text.withUnsafeBytes { try compressor.write($0) { _ in throw Full() } } }
        }
    }
}
