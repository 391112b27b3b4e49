/// Anything whose bytes can be a key, a value or a line: so that `output.add("total", 1)` and
/// `output.add(record.bytes, 1)` both read well.
public protocol ByteString {
    /// Calls `body` with the bytes, which are valid until it returns.
    func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result
}

extension UnsafeRawBufferPointer: ByteString {
    @inlinable
    public func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result { try body(self) }
}

extension Slice: ByteString where Base == UnsafeRawBufferPointer {
    @inlinable
    public func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        try body(Bytes(rebasing: self))
    }
}

extension Array: ByteString where Element == UInt8 {
    @inlinable
    public func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(body)
    }
}

extension ArraySlice: ByteString where Element == UInt8 {
    @inlinable
    public func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(body)
    }
}

extension String: ByteString {
    public func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        var text = self
        return try text.withUTF8 { try body(Bytes($0)) }
    }
}

extension Substring: ByteString {
    public func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        var text = self
        return try text.withUTF8 { try body(Bytes($0)) }
    }
}
