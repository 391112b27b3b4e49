import Glibc
import LocalMachine
import Model
import Synchronization
import TaskRuntime
import XMLRPCTransport

/// An input file that the master serves, read in windows that pass through a scratch file.
final class RemoteInputSource: InputSource {
    private let file: InputFile
    private let index: Int
    private let job: JobID
    private let remote: RemoteData
    private let descriptor: CInt
    private let window = Mutex<Range<Int64>>(0..<0)

    private static let windowByteCount: Int64 = 8 << 20

    init(_ file: InputFile, index: Int, job: JobID, remote: RemoteData, scratch: ScratchFolder) throws {
        self.file = file
        self.index = index
        self.job = job
        self.remote = remote
        descriptor = try scratch.makeUnnamedFile()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        guard offset < file.byteCount, !buffer.isEmpty else { return 0 }
        return try window.withLock { window in
            if !window.contains(offset) { window = try fill(from: offset) }
            let count = min(Int64(buffer.count), window.upperBound - offset)
            let read = pread(descriptor, buffer.baseAddress, Int(count), off_t(offset - window.lowerBound))
            guard read > 0 else {
                throw TaskError.inputUnreadable(
                    path: DisplayName.of(file.path), reason: "scratch file: \(String(cString: strerror(errno)))")
            }
            return read
        }
    }

    private func fill(from offset: Int64) throws -> Range<Int64> {
        let range = offset..<min(offset + Self.windowByteCount, file.byteCount)
        do {
            _ = try remote.readInput(job: job, fileIndex: index, range: range, into: descriptor)
        } catch TransportError.httpStatus(409, _) {
            throw TaskError.inputChanged(
                path: DisplayName.of(file.path), reason: "it is no longer as it was when the job was planned")
        } catch TransportError.httpStatus(410, _) {
            throw TaskError.inputMissing(
                path: DisplayName.of(file.path), reason: "it is gone from the master's machine too")
        }
        return range
    }

    func close() { Glibc.close(descriptor) }
}
