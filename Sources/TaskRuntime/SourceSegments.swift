import Glibc

/// The segments that a reduce task was given.
struct SourceSegments {
    let sources: [SegmentSource]
    private let partition: Int

    init(_ sources: [SegmentSource], partition: Int) {
        self.sources = sources
        self.partition = partition
    }

    var count: Int { sources.count }
    var byteCount: Int64 { sources.reduce(0) { $0 + $1.byteCount } }

    /// Opens some of the sources and merges them.
    func merge(_ range: Range<Int>, control: TaskControl) throws -> MergeStream {
        let files = try range.map { try SourceFile(sources[$0], index: $0) }
        let locations = files.map(location)
        // The closure keeps the files open as long as the stream lives.
        return try MergeStream(locations, control: control) { place, damage in files[place].error(damage) }
    }

    func location(of file: SourceFile) -> SegmentLocation {
        SegmentLocation(
            fileDescriptor: file.fileDescriptor, offset: file.source.offset, byteCount: file.source.byteCount,
            partition: partition)
    }
}

/// An open file that holds a segment.
final class SourceFile {
    let fileDescriptor: CInt
    let source: SegmentSource
    private let index: Int

    init(_ source: SegmentSource, index: Int) throws {
        self.source = source
        self.index = index
        do throws(FileRefusal) {
            fileDescriptor = try openRegularFile(Array(source.path.utf8))
        } catch {
            throw SourceFile.error(source, index, error.errorNumber, error.reason)
        }
    }

    deinit { close(fileDescriptor) }

    func error(_ damage: SegmentDamage) -> TaskError {
        SourceFile.error(source, index, damage.errorNumber, damage.reason)
    }

    /// Tells the map output's fault, which making it again heals, from the reader's own.
    private static func error(
        _ source: SegmentSource, _ index: Int, _ errorNumber: CInt, _ reason: String
    ) -> TaskError {
        if OpenFileLimit.isShortage(errorNumber) || (source.isCopy && errorNumber == EIO) {
            return .readerFailed(path: source.path, reason: reason)
        }
        return .corruptSegment(sourceIndex: index, path: source.path, reason: reason)
    }
}
