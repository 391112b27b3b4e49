import ApplicationAPI
package import Model

/// Where records of comma-separated values begin in a file.
package enum QuotedRecords {
    private static let chunkByteCount = 1 << 20

    /// Reads the file once.
    /// - Parameter offsets: In order.
    /// - Returns: For each of the offsets where the first record begins that begins there or later; the file's end where
    ///   none does.
    /// - Throws: ``TaskError``, also for a file that ends within quotes.
    package static func starts(in file: InputFile, near offsets: [Int64]) throws -> [Int64] {
        let source = try FileInputSource(file)
        defer { source.close() }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkByteCount, alignment: 4096)
        defer { chunk.deallocate() }
        guard let start = chunk.baseAddress else { preconditionFailure("a chunk has an address") }
        var (starts, quotes, offset) = (offsets.filter { $0 == 0 }, QuoteScan(from: 0), Int64(0))
        while offset < file.byteCount {
            let count = try source.read(into: chunk, at: offset)
            guard count > 0 else {
                throw TaskError.inputChanged(
                    path: file.displayPath, reason: "it ended after \(offset) of \(file.byteCount) bytes")
            }
            let window = QuoteScan.Window(start: UnsafeRawPointer(start), offset: offset)
            let end = min(offset + Int64(count), file.byteCount)
            while starts.count < offsets.count, quotes.offset < end {
                // The record before may end right before the place.
                _ = quotes.lastEnd(in: window, upTo: min(end, offsets[starts.count] - 1))
                guard let found = quotes.firstEnd(in: window, upTo: end) else { break }
                while starts.count < offsets.count, offsets[starts.count] <= found { starts.append(found) }
            }
            _ = quotes.lastEnd(in: window, upTo: end)
            offset = end
        }
        guard !quotes.isInQuotes else { throw TaskError.quotesLeftOpen(path: file.displayPath) }
        try source.checkUnchanged()
        return starts + Array(repeating: file.byteCount, count: offsets.count - starts.count)
    }
}
