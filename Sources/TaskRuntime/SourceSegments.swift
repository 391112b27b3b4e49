import Glibc

/// The segments that a reduce task was given; those without pairs are left out.
struct SourceSegments {
    private let sources: [(index: Int, source: SegmentSource)]
    private let partition: Int

    init(_ sources: [SegmentSource], partition: Int) {
        self.sources = sources.enumerated().filter { $0.element.byteCount > 0 }.map { ($0.offset, $0.element) }
        self.partition = partition
    }

    var count: Int { sources.count }

    /// Opens some of the sources and merges them.
    func merge(_ range: Range<Int>, control: TaskControl) throws -> MergeStream {
        let group = sources[range]
        let files = try group.map { try SourceFile($0.source.path, index: $0.index) }
        let locations = zip(files, group).map { file, source in
            SegmentLocation(
                fileDescriptor: file.fileDescriptor, offset: source.source.offset, byteCount: source.source.byteCount,
                partition: partition)
        }
        // The closure keeps the files open as long as the stream lives.
        return try MergeStream(locations, control: control) { place, damage in
            TaskError.corruptSegment(
                sourceIndex: files[place].index, path: files[place].path, reason: damage.reason)
        }
    }
}

/// An open file that holds a segment.
private final class SourceFile {
    let path: String
    let index: Int
    let fileDescriptor: CInt

    init(_ path: String, index: Int) throws {
        fileDescriptor = openFile(Array(path.utf8), O_RDONLY)
        guard fileDescriptor >= 0 else {
            throw TaskError.corruptSegment(sourceIndex: index, path: path, reason: errorText(errno))
        }
        self.path = path
        self.index = index
    }

    deinit { close(fileDescriptor) }
}
