/// What one program may take, with all that it starts; nil for as much as it likes.
struct ProgramLimits: Hashable, Sendable {
    var memoryByteCount: Int64?
    var processCount: Int?
    var cpuShare: CPUShare?
    /// The most that each file which it writes may have.
    var fileByteCount: Int64?
    /// Of each process by itself.
    var openFileCount: Int?

    static let none = ProgramLimits()

    var isNone: Bool { self == .none }

    /// As `mr-master` takes it.
    var memoryOption: String { "--task-memory \(Self.size(memoryByteCount ?? 0))" }

    var processOption: String { "--task-processes \(processCount ?? 0)" }

    var fileSizeOption: String { "--task-file-size \(Self.size(fileByteCount ?? 0))" }

    private static func size(_ byteCount: Int64) -> String {
        let units: [(suffix: String, shift: Int64)] = [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        let unit = units.first { byteCount % (1 << $0.shift) == 0 }
        return unit.map { "\(byteCount >> $0.shift)\($0.suffix)" } ?? "\(byteCount)"
    }
}
