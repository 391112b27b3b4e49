import ApplicationAPI
import CDataPath
import Compression
import Model

/// The file of one part, packed or not, with the checksum of what is written.
final class PartFile {
    let file: OutputFile
    private let compressor: Compressor?
    private var checksum: UInt32 = 0

    /// - Parameter compression: nil for a file as it is.
    init(_ file: OutputFile, _ compression: OutputCompression?) throws {
        self.file = file
        compressor = try compression.map { try Compressor($0) }
    }

    func write(_ bytes: Bytes) throws {
        guard let compressor else { return try put(bytes) }
        try compressor.write(bytes) { try put($0) }
    }

    /// Forces all of it to the disk.
    func finish() throws -> OutputSummary {
        try compressor?.finish { try put($0) }
        try file.sync()
        return OutputSummary(byteCount: file.byteCount, checksum: checksum)
    }

    private func put(_ bytes: Bytes) throws {
        checksum = mr_crc32c(checksum, bytes.baseAddress, bytes.count)
        try file.write(bytes)
        file.startWriteBack()
    }
}
