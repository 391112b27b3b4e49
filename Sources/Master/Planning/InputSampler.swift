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

    /// - Parameter form: What a record is. Of comma-separated values lines are taken: that some are parts of records makes
    ///   the sample a little worse, and nothing else.
    package static func sample(_ files: [InputFile], as form: InputForm) throws(PlanError) -> [SampledRecord] {
        switch form {
        case .file: try beginnings(of: files)
        case .lines, .csv:
            try places(in: files) { try lines(of: $0, $1, near: $2, endingWith: UInt8(ascii: "\n")) }
        case .nul: try places(in: files) { try lines(of: $0, $1, near: $2, endingWith: 0) }
        case .fixed(let byteCount):
            try places(in: files) { try fixedRecords(of: $0, $1, near: $2, byteCount: byteCount) }
        }
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

    private static func places(
        in files: [InputFile],
        _ read: (_ file: InputFile, _ source: any InputSource, _ offset: Int64) throws -> [SampledRecord]
    ) throws(PlanError) -> [SampledRecord] {
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
                return try read(file, source, byteCount == file.byteCount ? position - passed : offset)
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
        of file: InputFile, _ source: any InputSource, near offset: Int64, endingWith end: UInt8
    ) throws -> [SampledRecord] {
        for windowByteCount in windowByteCounts {
            let lines = try lines(of: file, source, near: offset, end, windowByteCount: windowByteCount)
            if !lines.isEmpty { return lines }
        }
        // No line begins nearby: the first one stands for those that are so long.
        let line = try bytes(of: source, at: 0, count: windowByteCounts[1])
        let count = line.firstIndex(of: end).map { $0 + 1 } ?? line.count
        return [SampledRecord(fileName: file.name, bytes: Array(line[..<count]))]
    }

    /// Whole lines that begin in a window; one line that begins there may be longer than the window's rest.
    private static func lines(
        of file: InputFile, _ source: any InputSource, near offset: Int64, _ end: UInt8, windowByteCount: Int
    ) throws -> [SampledRecord] {
        let window = try bytes(of: source, at: max(0, offset - 1), count: windowByteCount)
        var rest = window[...]
        if offset > 0 {
            guard let place = rest.firstIndex(of: end) else { return [] }
            rest = rest[(place + 1)...]
        }
        var lines: [SampledRecord] = []
        while lines.count < recordCountMax, let place = rest.firstIndex(of: end) {
            lines.append(SampledRecord(fileName: file.name, bytes: Array(rest[...place])))
            rest = rest[(place + 1)...]
        }
        if lines.isEmpty && !rest.isEmpty && windowByteCount == windowByteCounts[1] {
            lines.append(SampledRecord(fileName: file.name, bytes: Array(rest)))
        }
        return lines
    }

    /// Some from the one on that the byte at `offset` belongs to.
    private static func fixedRecords(
        of file: InputFile, _ source: any InputSource, near offset: Int64, byteCount: Int
    ) throws -> [SampledRecord] {
        let first = offset / Int64(byteCount) * Int64(byteCount)
        let shownByteCount = min(byteCount, windowByteCounts[1])
        let count = max(1, min(recordCountMax, windowByteCounts[0] / byteCount))
        let window = try bytes(of: source, at: first, count: count == 1 ? shownByteCount : count * byteCount)
        return stride(from: 0, to: window.count, by: byteCount).map { start in
            SampledRecord(
                fileName: file.name, bytes: Array(window[start..<min(start + shownByteCount, window.count)]))
        }
    }

    private static func bytes(of source: any InputSource, at offset: Int64, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let readCount = try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: offset) }
        return Array(bytes[..<readCount])
    }
}
