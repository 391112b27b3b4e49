import Model
import TestSupport
import Testing

@testable import Decompression

/// Compressed files, byte for byte.
@Suite struct DecompressionTests {
    private static func pack(_ bytes: [UInt8], _ compression: InputCompression) -> [UInt8] {
        switch compression {
        case .gzip: Packed.gzip(bytes)
        case .bzip2: Packed.bzip2(bytes)
        case .xz: Packed.xz(bytes)
        case .zstandard: Packed.zstandard(bytes)
        }
    }

    /// - Parameter readMax: Bytes that come at a time, at most.
    private static func unpack(
        _ packed: [UInt8], _ compression: InputCompression, readMax: Int = .max
    ) throws -> [UInt8] {
        var rest = packed[...]
        var bytes: [UInt8] = []
        try Decompression.unpack(compression) { buffer in
            let part = rest.prefix(min(readMax, buffer.count))
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        } write: {
            bytes += $0
        }
        return bytes
    }

    private static func noise(_ count: Int) -> [UInt8] {
        var random = SplitMix64(seed: 71)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    @Test("What was packed comes out, however little comes at a time", arguments: InputCompression.allCases)
    func roundTrip(compression: InputCompression) throws {
        let texts = [
            [], Array("a\n".utf8), [UInt8](repeating: 0, count: 3_000_000), Self.noise(700_000),
            Array(repeating: Array("to be or not to be\r\n".utf8), count: 50_000).flatMap { $0 },
        ]
        for text in texts {
            let packed = Self.pack(text, compression)
            #expect(InputCompression(start: packed) == compression)
            #expect(try Self.unpack(packed, compression) == text)
        }
        let packed = Self.pack(texts[3], compression)
        #expect(try Self.unpack(packed, compression, readMax: 4_093) == texts[3])
        #expect(try Self.unpack(Self.pack(texts[1], compression), compression, readMax: 1) == texts[1])
    }

    @Test("Members one after the other are one text", arguments: InputCompression.allCases)
    func members(compression: InputCompression) throws {
        let (one, two) = (Self.noise(100_000), Array("end\n".utf8))
        let packed = Self.pack(one, compression) + Self.pack([], compression) + Self.pack(two, compression)
        for readMax in [Int.max, 1_009] {
            #expect(try Self.unpack(packed, compression, readMax: readMax) == one + two)
        }
    }

    @Test(
        "A file that was cut off anywhere is told of, and so is one that was changed",
        arguments: InputCompression.allCases)
    func damage(compression: InputCompression) throws {
        let text = Self.noise(20_000)
        let packed = Self.pack(text, compression)
        for count in [1, 5, 20, packed.count / 2, packed.count - 5, packed.count - 1] {
            #expect(throws: DecompressionError.endsTooEarly(compression), "\(count) of \(packed.count) bytes") {
                try Self.unpack(Array(packed[..<count]), compression)
            }
        }
        var changed = packed
        changed[packed.count / 2] ^= 0x10
        // zstd checks nothing unless it is told to: what it gives is of another length or not the text.
        let outcome = Result { try Self.unpack(changed, compression) }
        switch outcome {
        case .success(let bytes): #expect(compression == .zstandard && bytes != text)
        case .failure(let error): #expect(error as? DecompressionError != nil, "\(error)")
        }
    }

    @Test(
        "What follows the last member and is none is told of; zeros behind gzip's are not",
        arguments: InputCompression.allCases)
    func trailing(compression: InputCompression) throws {
        let packed = Self.pack(Array("text\n".utf8), compression)
        #expect(throws: DecompressionError.damaged(compression)) {
            try Self.unpack(packed + Array("and more text".utf8), compression)
        }
        if compression == .gzip {
            #expect(try Self.unpack(packed + [UInt8](repeating: 0, count: 5_000), compression) == Array("text\n".utf8))
        }
    }

    @Test("Text is not taken for compressed data, also where it begins nearly so")
    func plain() {
        for text in ["", "B", "BZh", "BZh9 is how bzip2 begins", "plain text", "\u{1F}", "(\u{B5}/\u{FD}"] {
            #expect(InputCompression(start: Array(text.utf8)) == nil, "\(text)")
        }
        #expect(InputCompression(start: [0x1F, 0x8B]) == nil)
    }
}
