import CDataPath

/// The fixed hash by which keys are spread over partitions: `hash mod R`.
///
/// Every worker must choose the same partition for the same key, in every run and on every platform, so this never uses
/// Swift's per-process seeded `Hasher`. The hash reads the key as little-endian 64-bit words, the last one padded with
/// zeros (one word of zeros for an empty key): `h = fold(h ^ word, 0x9E3779B97F4A7C15)` for each, from `h = length`,
/// and last `h = fold(h, 0xD1B54A32D192ED03)`, where `fold` is the two halves of the 128-bit product, exclusive-or'ed.
///
/// - Parameter key: The intermediate key's bytes; any length, and empty is legal.
/// - Complexity: O(`key.count`) time, no allocation.
/// - Source: `hash(key) mod R` of Dean & Ghemawat, "MapReduce" (OSDI 2004), section 4.1.
@inline(__always)
package func partitionHash(of key: Bytes) -> UInt64 {
    mr_partition_hash(key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count)
}

/// The part, from 0, that these bytes go to where parts are chosen by hash.
///
/// It depends on the bytes and on the number of parts alone: an application that keeps keys together by something that they
/// have in common gives this in its ``Application/partition(of:partCount:)``.
///
/// - Precondition: `partCount` is 1 or more.
public func hashPartition(of bytes: Bytes, partCount: Int) -> Int {
    precondition(partCount >= 1, "there is at least 1 part, not \(partCount)")
    return Int(truncatingIfNeeded: partitionHash(of: bytes) % UInt64(partCount))
}
