import Glibc
import LocalMachine
package import Model
package import TaskRuntime

/// Reads records here and there in the input, in places that depend on nothing but the files' lengths.
///
/// A job of any size is sampled with a bounded number of small reads. What is sampled from a long record is its
/// beginning only.
package struct InputSampler {
    /// Places that are looked at, at most.
    static let placeCountMax = 512
    /// With less input there are fewer places.
    static let placeByteCount: Int64 = 1 << 10
    /// Records taken from one place.
    static let recordCountMax = 8
    /// Read at a place first, and if no record is whole there.
    static let windowByteCounts = [8 << 10, 64 << 10]

    private let files: [InputFile]
    private let takesWholeFiles: Bool

    private init(files: [InputFile], takesWholeFiles: Bool) {
        self.files = files
        self.takesWholeFiles = takesWholeFiles
    }

    /// - Parameter takesWholeFiles: Whether a record is a file rather than a line.
    package static func sample(_ files: [InputFile], takesWholeFiles: Bool) throws(PlanError) -> [SampledRecord] {
        let sampler = InputSampler(files: files, takesWholeFiles: takesWholeFiles)
        let total = files.reduce(0) { $0 + $1.byteCount }
        let placeCount = min(Int64(placeCountMax), (total + placeByteCount - 1) / placeByteCount)
        var records: [SampledRecord] = []
        var index = 0
        var passed: Int64 = 0
        for place in 0..<placeCount {
            let position = total / placeCount * place
            while position >= passed + files[index].byteCount {
                passed += files[index].byteCount
                index += 1
            }
            records += try sampler.records(of: files[index], near: position - passed)
        }
        return records
    }

    private func records(of file: InputFile, near offset: Int64) throws(PlanError) -> [SampledRecord] {
        do {
            let source = try FileInputSource(file)
            defer { source.close() }
            if takesWholeFiles {
                let beginning = try bytes(of: source, at: 0, count: Self.windowByteCounts[1])
                return [SampledRecord(fileName: file.name, bytes: beginning)]
            }
            for windowByteCount in Self.windowByteCounts {
                let lines = try lines(of: file, source, near: offset, windowByteCount: windowByteCount)
                if !lines.isEmpty { return lines }
            }
            // No line begins nearby: the first one stands for those that are so long.
            let line = try bytes(of: source, at: 0, count: Self.windowByteCounts[1])
            let end = line.firstIndex(of: Self.newline).map { $0 + 1 } ?? line.count
            return [SampledRecord(fileName: file.name, bytes: Array(line[..<end]))]
        } catch {
            throw .unreadable(name: DisplayName.of(file.name), reason: "\(error)")
        }
    }

    private static let newline = UInt8(ascii: "\n")

    /// Whole lines that begin in a window; one line that begins there may be longer than the window's rest.
    private func lines(
        of file: InputFile, _ source: FileInputSource, near offset: Int64, windowByteCount: Int
    ) throws -> [SampledRecord] {
        let window = try bytes(of: source, at: max(0, offset - 1), count: windowByteCount)
        var rest = window[...]
        if offset > 0 {
            guard let newline = rest.firstIndex(of: Self.newline) else { return [] }
            rest = rest[(newline + 1)...]
        }
        var lines: [SampledRecord] = []
        while lines.count < Self.recordCountMax, let newline = rest.firstIndex(of: Self.newline) {
            lines.append(SampledRecord(fileName: file.name, bytes: Array(rest[...newline])))
            rest = rest[(newline + 1)...]
        }
        if lines.isEmpty && !rest.isEmpty && windowByteCount == Self.windowByteCounts[1] {
            lines.append(SampledRecord(fileName: file.name, bytes: Array(rest)))
        }
        return lines
    }

    private func bytes(of source: FileInputSource, at offset: Int64, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let readCount = try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: offset) }
        return Array(bytes[..<readCount])
    }
}
