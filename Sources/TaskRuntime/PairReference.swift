import ApplicationAPI
import CDataPath

/// What sorting pairs in memory moves: the key's first eight bytes, and where the pair is.
struct PairReference {
    /// The first byte highest, zeros after the key's end.
    var prefix: UInt64
    /// The pair as it lies in a block: key length, value length (LEB128), key, value.
    let pair: UnsafeRawPointer

    @inline(__always)
    var key: Bytes {
        let (keyCount, _, keyStart) = lengths
        return Bytes(start: keyStart, count: keyCount)
    }

    @inline(__always)
    var value: Bytes {
        let (keyCount, valueCount, keyStart) = lengths
        return Bytes(start: keyStart + keyCount, count: valueCount)
    }

    @inline(__always)
    private var lengths: (keyCount: Int, valueCount: Int, keyStart: UnsafeRawPointer) {
        let first = pair.load(as: UInt8.self)
        let second = (pair + 1).load(as: UInt8.self)
        if first < 0x80 && second < 0x80 { return (Int(first), Int(second), pair + 2) }
        return PairReference.longLengths(pair)
    }

    /// The lengths were checked when the pair was loaded.
    @inline(never)
    private static func longLengths(_ pair: UnsafeRawPointer) -> (Int, Int, UnsafeRawPointer) {
        var at = pair
        func length() -> Int {
            var length = 0
            var shift = 0
            while true {
                let byte = Int(at.load(as: UInt8.self))
                at += 1
                length |= (byte & 0x7F) << shift
                if byte < 0x80 { return length }
                shift += 7
            }
        }
        let keyCount = length()
        let valueCount = length()
        return (keyCount, valueCount, at)
    }
}

/// Pairs in memory, for the sorter.
enum LoadedRecord: KeyedRecord {
    @inline(__always)
    static func prefix(of reference: PairReference) -> UInt64 { reference.prefix }
    @inline(__always)
    static func setPrefix(of reference: inout PairReference, to prefix: UInt64) { reference.prefix = prefix }
    @inline(__always)
    static func key(of reference: PairReference) -> Bytes { reference.key }
    @inline(__always)
    static func keyCount(of reference: PairReference) -> Int { reference.key.count }
}
