/// How large may be what functions make of small arguments.
package enum FunctionLimits {
    /// Items of an array that is made by counting: as many values as a document may have (`DecodingLimits.valueCountMax`).
    package static let itemCountMax = 1_000_000
    /// Bytes of a string or base64 that is made by repeating.
    package static let byteCountMax = 64 << 20
    /// Bytes of a function's name, of a file's name or path with it.
    package static let nameByteCountMax = 1_024
}
