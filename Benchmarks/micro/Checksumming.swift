import CDataPath

/// CRC-32C of blocks as segments have them.
struct Checksumming: MicroBenchmark {
    static let name = "checksumming"
    private let bytes = SampleWords.records(count: 300_000)

    func run() -> Work {
        let blockByteCount = 128 << 10
        var blockCount = 0
        var sum: UInt32 = 0
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count - blockByteCount, by: blockByteCount) {
                sum ^= mr_crc32c(0, bytes.baseAddress.map { $0 + start }, blockByteCount)
                blockCount += 1
            }
        }
        precondition(sum != 1)
        return Work(unit: "block", recordCount: blockCount, byteCount: blockCount * blockByteCount)
    }
}
