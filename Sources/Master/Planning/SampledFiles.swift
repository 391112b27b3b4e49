import Decompression
import Model
import TaskRuntime

/// Opens input files to take samples from them, one at a time: the last one stays open, for the next place is most likely in it.
///
/// Of a compressed file the beginning stands for the whole, because nothing else can be read without all before it.
struct SampledFiles: ~Copyable {
    /// Of a compressed file's contents.
    static let beginningByteCount = 1 << 20

    private var last: (file: InputFile, source: any InputSource, byteCount: Int64)?

    /// - Returns: A source, and how many bytes can be read from it.
    mutating func open(_ file: InputFile) throws -> (source: any InputSource, byteCount: Int64) {
        if let last, last.file == file { return (last.source, last.byteCount) }
        last?.source.close()
        last = nil
        let source = try FileInputSource(file)
        guard let compression = file.compression else {
            last = (file, source, file.byteCount)
            return (source, file.byteCount)
        }
        defer { source.close() }
        let beginning = Beginning(bytes: try Self.beginning(of: source, compression))
        last = (file, beginning, Int64(beginning.bytes.count))
        return (beginning, Int64(beginning.bytes.count))
    }

    deinit { last?.source.close() }

    private struct Enough: Error {}

    private static func beginning(of source: FileInputSource, _ compression: InputCompression) throws -> [UInt8] {
        var offset: Int64 = 0
        var bytes: [UInt8] = []
        do {
            try Decompression.unpack(compression) { buffer in
                let count = try source.read(into: buffer, at: offset)
                offset += Int64(count)
                return count
            } write: { contents in
                bytes += contents
                if bytes.count >= beginningByteCount { throw Enough() }
            }
        } catch is Enough {
            // What is read is not thrown away.
        }
        return bytes
    }
}

private struct Beginning: InputSource {
    let bytes: [UInt8]

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let rest = bytes[min(Int(offset), bytes.count)...]
        buffer.copyBytes(from: rest.prefix(buffer.count))
        return min(rest.count, buffer.count)
    }

    func close() {}
}
