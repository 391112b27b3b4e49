import Glibc
import LocalMachine
package import Model
package import TaskRuntime

/// Reads records here and there in the input, in places that depend on nothing but the files' lengths.
///
/// A job of any size is sampled with a bounded number of small reads. What is sampled from a long record is its
/// beginning only.
package enum InputSampler {
    /// Places that are looked at, at most.
    static let placeCountMax = 512
    /// With less input there are fewer places, but one for each file.
    static let placeByteCount: Int64 = 1 << 10
    /// Records taken from one place.
    static let recordCountMax = 8
    /// Read at a place first, and if no record is whole there.
    static let windowByteCounts = [8 << 10, 64 << 10]

    /// - Parameter takesWholeFiles: Whether a record is a file rather than a line.
    package static func sample(_ files: [InputFile], takesWholeFiles: Bool) throws(PlanError) -> [SampledRecord] {
        takesWholeFiles ? try beginnings(of: files) : try lines(of: files)
    }

    private static func beginnings(of files: [InputFile]) throws(PlanError) -> [SampledRecord] {
        let count = min(placeCountMax, files.count)
        var records: [SampledRecord] = []
        var opened = SampledFiles()
        for place in 0..<count {
            let file = files[files.count * place / count]
            records += try reading(file, &opened) { source, _ in
                [SampledRecord(fileName: file.name, bytes: try bytes(of: source, at: 0, count: windowByteCounts[1]))]
            }
        }
        return records
    }

    private static func lines(of files: [InputFile]) throws(PlanError) -> [SampledRecord] {
        let total = files.reduce(0) { $0 + $1.byteCount }
        let placeCount = min(
            Int64(placeCountMax), total, max(Int64(files.count), (total + placeByteCount - 1) / placeByteCount))
        var records: [SampledRecord] = []
        var index = 0
        var passed: Int64 = 0
        var opened = SampledFiles()
        for place in 0..<placeCount {
            let position = Int64(Double(total) / Double(placeCount) * Double(place))
            while position >= passed + files[index].byteCount {
                passed += files[index].byteCount
                index += 1
            }
            let file = files[index]
            records += try reading(file, &opened) { source, byteCount in
                // As far into what can be read as the place is into the file.
                let offset = Int64(Double(position - passed) / Double(file.byteCount) * Double(byteCount))
                return try lines(of: file, source, near: byteCount == file.byteCount ? position - passed : offset)
            }
        }
        return records
    }

    private static func reading(
        _ file: InputFile, _ opened: inout SampledFiles,
        _ body: (_ source: any InputSource, _ byteCount: Int64) throws -> [SampledRecord]
    ) throws(PlanError) -> [SampledRecord] {
        do {
            let (source, byteCount) = try opened.open(file)
            return try body(source, byteCount)
        } catch {
            throw .unreadable(name: DisplayName.of(file.name), reason: "\(error)")
        }
    }

    private static func lines(
        of file: InputFile, _ source: any InputSource, near offset: Int64
    ) throws -> [SampledRecord] {
        for windowByteCount in windowByteCounts {
            let lines = try lines(of: file, source, near: offset, windowByteCount: windowByteCount)
            if !lines.isEmpty { return lines }
        }
        // No line begins nearby: the first one stands for those that are so long.
        let line = try bytes(of: source, at: 0, count: windowByteCounts[1])
        let end = line.firstIndex(of: newline).map { $0 + 1 } ?? line.count
        return [SampledRecord(fileName: file.name, bytes: Array(line[..<end]))]
    }

    private static let newline = UInt8(ascii: "\n")

    /// Whole lines that begin in a window; one line that begins there may be longer than the window's rest.
    private static func lines(
        of file: InputFile, _ source: any InputSource, near offset: Int64, windowByteCount: Int
    ) throws -> [SampledRecord] {
        let window = try bytes(of: source, at: max(0, offset - 1), count: windowByteCount)
        var rest = window[...]
        if offset > 0 {
            guard let newline = rest.firstIndex(of: newline) else { return [] }
            rest = rest[(newline + 1)...]
        }
        var lines: [SampledRecord] = []
        while lines.count < recordCountMax, let newline = rest.firstIndex(of: newline) {
            lines.append(SampledRecord(fileName: file.name, bytes: Array(rest[...newline])))
            rest = rest[(newline + 1)...]
        }
        if lines.isEmpty && !rest.isEmpty && windowByteCount == windowByteCounts[1] {
            lines.append(SampledRecord(fileName: file.name, bytes: Array(rest)))
        }
        return lines
    }

    private static func bytes(of source: any InputSource, at offset: Int64, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let readCount = try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: offset) }
        return Array(bytes[..<readCount])
    }
}
