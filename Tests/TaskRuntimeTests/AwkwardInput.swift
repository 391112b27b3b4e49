import Model
import TestSupport

/// Random input with everything in it that has broken a text tool before.
struct AwkwardInput {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private static let pieces: [[UInt8]] = [
        bytes(" "), bytes(" "), bytes("\n"), bytes("\n"), bytes("\r\n"), bytes("\t"), [11], [12], [0], [0xFF, 0xFE],
        bytes("hot"), bytes("hot"), bytes("hot "), bytes("a"), bytes("ab"), bytes("Ab"), [97, 0], [97, 0, 0], [0xC3],
        bytes("12345678"), bytes("1234567"), bytes("123456789"), bytes("1234567812345678"), bytes("123456781234567"),
        bytes("12345678123456789"), bytes("1234567812345678abcdefgh"), bytes("1234567812345678abcdefg"),
        bytes("\n\n\n"), bytes("käse"), bytes("数据"), bytes(","), bytes("\\"),
        bytes("\""), bytes("\"\""),
    ]

    mutating func content(_ countMax: Int) -> [UInt8] {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return []
        case 1: return [UInt8](repeating: 10, count: Int.random(in: 1...5, using: &random))
        case 2: return [UInt8](repeating: 32, count: Int.random(in: 1...200, using: &random))
        case 3: return [UInt8](repeating: 120, count: Int.random(in: 1...countMax, using: &random))
        default: break
        }
        var result: [UInt8] = []
        let count = Int.random(in: 0...countMax, using: &random)
        while result.count < count {
            result += AwkwardInput.pieces.randomElement(using: &random) ?? []
            if Int.random(in: 0..<50, using: &random) == 0 { result.append(UInt8.random(in: 0...255, using: &random)) }
        }
        return result
    }

    mutating func files(byteCountMax: Int) -> [NamedBytes] {
        (0..<Int.random(in: 1...4, using: &random)).map { index in
            (name: Array("dir/file,\(index)\\\t".utf8), bytes: content(byteCountMax))
        }
    }

    /// Cuts the files anywhere and spreads the pieces, in order, over some splits.
    mutating func splits(of files: [NamedBytes]) -> [[SplitPiece]] {
        var splits: [[SplitPiece]] = [[]]
        for (index, file) in files.enumerated() {
            var cuts = [0, file.bytes.count]
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                cuts.append(Int.random(in: 0...file.bytes.count, using: &random))
            }
            cuts.sort()
            for (start, end) in zip(cuts, cuts.dropFirst()) {
                let piece = SplitPiece(fileIndex: index, offset: Int64(start), byteCount: Int64(end - start))
                if Bool.random(using: &random) { splits.append([]) }
                splits[splits.count - 1].append(piece)
            }
        }
        return splits
    }
}
