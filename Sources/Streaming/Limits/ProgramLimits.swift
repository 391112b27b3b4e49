/// What one program may take, with all that it starts; nil for as much as it likes.
struct ProgramLimits: Hashable, Sendable {
    var memoryByteCount: Int64?
    var processCount: Int?

    static let none = ProgramLimits()

    var isNone: Bool { memoryByteCount == nil && processCount == nil }

    /// As `mr-master` takes it.
    var memoryOption: String {
        guard let memoryByteCount else { return "" }
        let units: [(suffix: String, shift: Int64)] = [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        let unit = units.first { memoryByteCount % (1 << $0.shift) == 0 }
        return "--task-memory \(unit.map { "\(memoryByteCount >> $0.shift)\($0.suffix)" } ?? "\(memoryByteCount)")"
    }

    var processOption: String { "--task-processes \(processCount ?? 0)" }
}
