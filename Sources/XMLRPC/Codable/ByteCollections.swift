/// Types that hold bytes and nothing else, such as `[UInt8]` and Foundation's `Data`, which this library does not know.
///
/// Neither inlined nor generic: one copy of the casts serves all types.
enum ByteCollections {
    /// - Returns: nil if the value is no such collection.
    @inline(never)
    static func bytes(of value: Any) -> [UInt8]? {
        guard let collection = value as? any RangeReplaceableCollection<UInt8> else { return nil }
        return array(of: collection)
    }

    /// - Returns: nil if the type is no such collection.
    @inline(never)
    static func make(_ type: any Any.Type) -> (([UInt8]) -> Any)? {
        guard let type = type as? any RangeReplaceableCollection<UInt8>.Type else { return nil }
        return { bytes in type.init(bytes) }
    }

    private static func array(of bytes: some RangeReplaceableCollection<UInt8>) -> [UInt8] { Array(bytes) }
}
