import Glibc

/// The content of an object, as it was when it was asked for: deleting, replacing or spilling it changes nothing here.
package struct ObjectBody: Sendable {
    package enum Content: Sendable {
        /// Shared with the store, and not copied.
        case memory([UInt8])
        /// `byteCount` bytes from offset 0.
        case file(OpenObjectFile)
    }

    package let info: ObjectInfo
    package let content: Content

    /// Copies as much as there is room for, from `offset` on.
    ///
    /// - Returns: How many bytes; fewer than there is room for only at the end.
    package func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ObjectStoreError) -> Int {
        precondition(offset >= 0, "no object has bytes before its first")
        let count = min(buffer.count, max(0, info.byteCount - offset))
        guard count > 0, let start = buffer.baseAddress else { return 0 }
        switch content {
        case .memory(let bytes):
            bytes.withUnsafeBytes { start.copyMemory(from: $0.baseAddress! + offset, byteCount: count) }
        case .file(let file):
            var done = 0
            while done < count {
                let now = pread(file.descriptor, start + done, count - done, off_t(offset + done))
                if now < 0, errno == EINTR { continue }
                // Somebody has cut the file, or the disk fails.
                guard now > 0 else { throw .damaged(info) }
                done += now
            }
        }
        return count
    }

    /// All of it; what comes from a file is compared with its digest.
    package func bytes(byteCountMax: Int) throws(ObjectStoreError) -> [UInt8] {
        guard info.byteCount <= byteCountMax else { throw .tooLong(info, byteCountMax: byteCountMax) }
        if case .memory(let bytes) = content { return bytes }
        var bytes = [UInt8](repeating: 0, count: info.byteCount)
        _ = try bytes.withUnsafeMutableBufferPointer { buffer throws(ObjectStoreError) in
            try read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard ObjectDigest(of: bytes) == info.digest else { throw .damaged(info) }
        return bytes
    }
}
