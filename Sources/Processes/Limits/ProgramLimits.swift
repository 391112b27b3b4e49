/// What one program may take, with all that it starts; nil for as much as it likes.
package struct ProgramLimits: Hashable, Sendable {
    package var memoryByteCount: Int64?
    package var processCount: Int?
    package var cpuShare: CPUShare?
    /// The most that each file which it writes may have.
    package var fileByteCount: Int64?
    /// Of each process by itself.
    package var openFileCount: Int?
    /// What its limits are called for whoever set them: `--task-` for those of `mr-master`.
    package var namePrefix = "--task-"

    package static let none = ProgramLimits()

    package var isNone: Bool {
        memoryByteCount == nil && processCount == nil && cpuShare == nil && fileByteCount == nil && openFileCount == nil
    }

    package init(
        memoryByteCount: Int64? = nil, processCount: Int? = nil, cpuShare: CPUShare? = nil, fileByteCount: Int64? = nil,
        openFileCount: Int? = nil
    ) {
        self.memoryByteCount = memoryByteCount
        self.processCount = processCount
        self.cpuShare = cpuShare
        self.fileByteCount = fileByteCount
        self.openFileCount = openFileCount
    }

    /// As whoever set it takes it.
    package var memoryOption: String { "\(namePrefix)memory \(Self.size(memoryByteCount ?? 0))" }

    package var processOption: String { "\(namePrefix)processes \(processCount ?? 0)" }

    package var fileSizeOption: String { "\(namePrefix)file-size \(Self.size(fileByteCount ?? 0))" }

    private static func size(_ byteCount: Int64) -> String {
        let units: [(suffix: String, shift: Int64)] = [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        let unit = units.first { byteCount % (1 << $0.shift) == 0 }
        return unit.map { "\(byteCount >> $0.shift)\($0.suffix)" } ?? "\(byteCount) bytes"
    }
}
