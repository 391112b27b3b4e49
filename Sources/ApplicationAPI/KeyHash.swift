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
package func partitionHash(of key: Bytes) -> UInt64 {
    var hash = UInt64(key.count)
    if let start = key.baseAddress, key.count > 0 {
        var offset = 0
        while key.count - offset > 8 {
            hash = mr_mix(hash ^ mr_load_8(start + offset), 0x9E37_79B9_7F4A_7C15)
            offset += 8
        }
        let last = mr_load_up_to_8((start + offset).assumingMemoryBound(to: UInt8.self), key.count - offset)
        hash = mr_mix(hash ^ last, 0x9E37_79B9_7F4A_7C15)
    } else {
        hash = mr_mix(hash, 0x9E37_79B9_7F4A_7C15)
    }
    return mr_mix(hash, 0xD1B5_4A32_D192_ED03)
}
