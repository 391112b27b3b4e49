import Decompression
import Glibc
import LocalMachine
import Model
package import TaskRuntime

/// A tar archive, compressed or not, or a zip archive, told by how it begins.
package enum Archive {
    /// Unpacks an archive into a folder.
    ///
    /// - Parameters:
    ///   - folder: There and empty; nil to look only whether the archive can be unpacked.
    ///   - makeTemporaryFile: Makes a file without a name, open for reading and writing.
    /// - Throws: ``ArchiveError``, or what `source` threw.
    package static func unpack(
        _ source: any InputSource, into folder: [UInt8]?, makeTemporaryFile: () throws -> CInt
    ) throws {
        let start = try source.bytes(at: 0, count: InputCompression.startByteCount)
        if start.starts(with: ZipReader.localMark) || start.starts(with: ZipReader.endMark) {
            var tree = ArchiveTree(in: folder)
            try ZipReader(source).read(into: &tree)
            return try tree.finish()
        }
        guard let compression = InputCompression(start: start) else { return try unpackTar(source, into: folder) }
        let file = try makeTemporaryFile()
        defer { close(file) }
        do {
            try decompress(source, compression, into: file)
        } catch is DecompressionError {
            throw ArchiveError.damaged
        }
        try unpackTar(OpenFileSource(descriptor: file), into: folder)
    }

    private static func unpackTar(_ source: any InputSource, into folder: [UInt8]?) throws {
        var tree = ArchiveTree(in: folder)
        try TarReader(source).read(into: &tree)
        try tree.finish()
    }

    private static func decompress(
        _ source: any InputSource, _ compression: InputCompression, into file: CInt
    ) throws {
        var offset: Int64 = 0
        var written: Int64 = 0
        try Decompression.unpack(compression) { buffer in
            let count = try source.read(into: buffer, at: offset)
            offset += Int64(count)
            return count
        } write: { piece in
            written += Int64(piece.count)
            guard written <= 2 * ArchiveTree.byteCountMax else { throw ArchiveError.tooLarge }
            var rest = piece
            while !rest.isEmpty {
                let count = write(file, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw ArchiveError.unwritable(errorNumber: errno) }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}

/// An open file's bytes; whoever opened it closes it.
package struct OpenFileSource: InputSource {
    private let descriptor: CInt

    package init(descriptor: CInt) { self.descriptor = descriptor }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
        guard count >= 0 else { throw ArchiveError.unwritable(errorNumber: errno) }
        return count
    }

    package func close() {}
}

extension InputSource {
    /// As many bytes as there are, up to a number.
    func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = try bytes.withUnsafeMutableBytes {
                try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]), at: offset + Int64(filled))
            }
            if more == 0 { break }
            filled += more
        }
        return Array(bytes.prefix(filled))
    }

    /// Calls `body` with all bytes of a range, piece by piece.
    /// - Throws: ``ArchiveError/damaged`` where the range is not all there.
    func forEachPiece(of range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(buffer.count), range.upperBound - offset))])
            let count = try read(into: wanted, at: offset)
            guard count > 0 else { throw ArchiveError.damaged }
            try body(UnsafeRawBufferPointer(rebasing: wanted[..<count]))
            offset += Int64(count)
        }
    }
}
