import Glibc

/// Where the bytes of a body go as they come.
///
/// Called on the blocking pool, one call at a time, each with the bytes that follow those of the call before.
package protocol BodyDestination: Sendable {
    /// - Parameter offset: Of the first byte, counted from where the transfer was told to begin.
    /// - Throws: ``BodyRefusal`` for what whoever sends the body may hear of.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws
}

/// Why a destination takes no more, in words for whoever sends the body.
package struct BodyRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    let status: Int
    package let description: String

    /// - Parameter status: Of the answer to an upload: 507 for want of room, 503 for what passes.
    package init(_ status: Int, _ description: String) {
        self.status = status
        self.description = description
    }
}

/// A file. The descriptor stays the caller's.
struct DescriptorDestination: BodyDestination {
    let descriptor: CInt

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
        var rest = bytes
        var position = offset
        while !rest.isEmpty {
            let count = pwrite(descriptor, rest.baseAddress, rest.count, Int(position))
            if count < 0 {
                if errno == EINTR { continue }
                throw FileFailure(errno: errno, doing: "write")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            position += Int64(count)
        }
    }
}
