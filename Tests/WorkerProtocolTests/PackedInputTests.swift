import Model
import TestSupport
import Testing
import XMLRPC

@testable import WorkerProtocol

@Suite("Packed input of map assignments")
struct PackedInputTests {
    private static let one = InputFile(
        path: Array("/data/one.txt".utf8), name: Array("one.txt".utf8), byteCount: 300, modifiedNanoseconds: -1)
    private static let two = InputFile(
        path: Array("/data/two.txt".utf8), name: Array("d/two.txt".utf8), byteCount: 2, modifiedNanoseconds: 5,
        compression: .xz)
    private static let input = PackedInput(
        pieces: [
            SplitPiece(fileIndex: 9, offset: 1, byteCount: 1), SplitPiece(fileIndex: 4, offset: 0, byteCount: 300),
        ], files: [4: one, 9: two])

    /// Written by hand from the description in docs/protocol.md.
    private static let bytes: [UInt8] =
        [2]
        + [4, 0, 13] + Array("/data/one.txt".utf8) + [7, 0, 0xac, 2]
        + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0]
        + [5, 6, 7] + Array("two.txt".utf8) + [8, 1] + Array("d".utf8) + [2, 5, 3]
        + [2] + [1, 1, 1] + [0, 0, 0xac, 2]

    @Test("an input is packed as the protocol's description says")
    func asDescribed() throws {
        #expect(Self.input.bytes == Self.bytes)
        let read = try PackedInput(Self.bytes)
        #expect(read.files == Self.input.files && read.pieces == Self.input.pieces)
    }

    @Test("any input survives packing", arguments: UInt64(0)..<50)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let letters: [UInt8] = [0, 0x2f, 0x61, 0xff]
        var files: [Int: InputFile] = [:]
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let path = (0..<Int.random(in: 0...9, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0
            }
            files[Int.random(in: 0...Int(Int32.max), using: &random)] = InputFile(
                path: path, name: Array(path.suffix(Int.random(in: 0...9, using: &random))),
                byteCount: Int64.random(in: 0...1 << 53, using: &random),
                modifiedNanoseconds: Int64.random(in: .min ... .max, using: &random))
        }
        let pieces = files.keys.sorted().shuffled(using: &random).map {
            SplitPiece(fileIndex: $0, offset: Int64.random(in: 0...1 << 53, using: &random), byteCount: 7)
        }
        let read = try PackedInput(PackedInput(pieces: pieces, files: files).bytes)
        #expect(read.files == files && read.pieces == pieces, "seed \(seed)")
    }

    @Test("an input that is cut short anywhere, or goes on, is refused")
    func cutShort() {
        for count in Self.bytes.indices { expectRefused(Array(Self.bytes[..<count]), "ends within") }
        expectRefused(Self.bytes + [0], "nothing follows")
    }

    @Test("numbers that are too long, too large or out of order are refused")
    func wrongNumbers() {
        expectRefused([0x80, 0], "no more bytes than it needs")
        expectRefused([1] + [UInt8](repeating: 0xff, count: 9) + [2], "at most 64 bits")
        expectRefused([0xc1, 0x84, 0x3d], "at most 1000000")
        // A path that shares more than there is, a second file of the same index, a piece of a file that isn't there.
        expectRefused([1, 0, 1], "at most 0")
        expectRefused([2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], "ascending order")
        expectRefused([1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1], "at most 0")
        expectRefused([1, 0, 0, 0, 0, 0, 0, 0, 9, 0], "no compression has the number 9")
        expectRefused([0, 1, 0], "is possible")
    }

    @Test("ten thousand files take about twenty bytes each")
    func compact() {
        let path = Array("/home/somebody/projects/data/collection/file-".utf8)
        var files: [Int: InputFile] = [:]
        for index in 0..<10_000 {
            let path = path + Array("\(100_000 + index).txt".utf8)
            files[index] = InputFile(
                path: path, name: path, byteCount: 2_000, modifiedNanoseconds: 1_763_683_200_123_456_789)
        }
        let pieces = (0..<10_000).map { SplitPiece(fileIndex: $0, offset: 0, byteCount: 2_000) }
        let byteCount = PackedInput(pieces: pieces, files: files).bytes.count
        #expect(byteCount < 310_000, "\(byteCount) bytes")
    }

    @Test("paths that would unpack to more than their limit are refused")
    func bomb() {
        // 300 files that share one path of a million bytes.
        var bytes: [UInt8] = [0xac, 2, 0, 0, 0xc0, 0x84, 0x3d] + [UInt8](repeating: 0x61, count: 1_000_000)
        bytes += [0, 0, 0, 0, 0]
        for _ in 1..<300 { bytes += [1, 0xc0, 0x84, 0x3d, 0, 0, 0, 0, 0, 0] }
        expectRefused(bytes + [0], "at most \(PackedInput.nameByteCountMax) bytes")
    }

    private func expectRefused(_ bytes: [UInt8], _ reason: String) {
        do throws(XMLRPCFault) {
            _ = try PackedInput(bytes)
            #expect(Bool(false), "\(bytes.prefix(40)) was taken")
        } catch {
            #expect(
                error.message.contains(reason) || reason == "ends within" && error.message.contains("is possible"),
                "\(error)")
        }
    }
}
