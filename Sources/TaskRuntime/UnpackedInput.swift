import Decompression
import Glibc
import Model

/// A map task's input with compressed files unpacked: their records have places in what they hold, not in how they are
/// packed, so the task reads that, from files without a name that go with their last reader.
package struct InputUnpacker {
    /// Makes a file without a name, for its caller to close.
    let makeFile: () throws -> CInt
    /// Of the folder that they are in, for errors.
    let place: String
    let control: TaskControl

    package init(in place: String, control: TaskControl, makeFile: @escaping () throws -> CInt) {
        self.makeFile = makeFile
        self.place = place
        self.control = control
    }

    /// The same input where nothing is compressed.
    package func unpacked(_ input: MapInput) throws -> MapInput {
        let compressed = input.files.filter { $0.value.compression != nil }
        guard !compressed.isEmpty else { return input }
        var (files, unpacked) = (input.files, [Int: UnpackedFile]())
        var pieces: [SplitPiece] = []
        for piece in input.pieces {
            guard let file = compressed[piece.fileIndex], let compression = file.compression else {
                pieces.append(piece)
                continue
            }
            let source = try input.open(file, piece.fileIndex)
            defer { source.close() }
            let contents = try unpack(file, compression, source)
            unpacked[piece.fileIndex] = contents
            files[piece.fileIndex] = file.unpacked(byteCount: contents.byteCount)
            // A file that can't be cut is one piece.
            pieces.append(SplitPiece(fileIndex: piece.fileIndex, offset: 0, byteCount: contents.byteCount))
        }
        let (open, contents) = (input.open, unpacked)
        return MapInput(pieces: pieces, files: files, records: input.records) { file, index in
            guard let unpacked = contents[index] else { return try open(file, index) }
            return UnpackedSource(file: unpacked)
        }
    }

    private func unpack(
        _ file: InputFile, _ compression: InputCompression, _ source: any InputSource
    ) throws -> UnpackedFile {
        let unpacked = UnpackedFile(descriptor: try makeFile())
        var offset: Int64 = 0
        do {
            try Decompression.unpack(compression) { buffer in
                try control.check()
                let count = min(Int64(buffer.count), file.byteCount - offset)
                guard count > 0 else { return 0 }
                let readCount = try source.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(count)]), at: offset)
                offset += Int64(readCount)
                return readCount
            } write: { bytes in
                try unpacked.append(bytes, in: place)
            }
        } catch let error as DecompressionError {
            // What was read may not have been the planned file.
            try source.checkUnchanged()
            throw TaskError.inputUnreadable(path: file.displayPath, reason: "\(error)")
        }
        try source.checkUnchanged()
        return unpacked
    }
}

/// The contents of one compressed file.
private final class UnpackedFile: Sendable {
    let descriptor: CInt
    /// Changed by the thread that fills it, before any other knows it.
    nonisolated(unsafe) private(set) var byteCount: Int64 = 0

    init(descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func append(_ bytes: UnsafeRawBufferPointer, in place: String) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = retryingInterrupted { pwrite(descriptor, rest.baseAddress, rest.count, off_t(byteCount)) }
            guard count > 0 else { throw TaskError.temporaryFailed(path: place, errorNumber: errno) }
            byteCount += Int64(count)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}

private struct UnpackedSource: InputSource {
    let file: UnpackedFile

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = retryingInterrupted { pread(file.descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
        guard count >= 0 else {
            throw TaskError.inputUnreadable(path: "what was unpacked", reason: errorText(errno))
        }
        return count
    }

    func close() {}
}
