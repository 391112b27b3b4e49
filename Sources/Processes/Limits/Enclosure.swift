import CDataPath
package import Glibc
import Synchronization

/// The limits of one program, from its start to its end.
package final class Enclosure {
    private let limits: ProgramLimits
    private let groups: ControlGroups
    /// This program's own groups.
    private let folders: [String]

    private static let count = Mutex(0)
    /// Groups whose processes had been killed and were not gone yet.
    private static let left = Mutex<[String]>([])
    /// How long the end of killed processes is waited for; later ones are swept with the next program.
    private static let endTriesMax = 500
    private static let endTryMicroseconds: UInt32 = 1_000

    /// Puts a process that has not begun to run into its limits.
    /// - Throws: ``ProcessError/notLimited(reason:)``
    package init(_ limits: ProgramLimits, process: pid_t) throws {
        self.limits = limits
        groups = .ofThisProcess
        LimitNotice.tell(groups.description(of: limits))
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        var folders: [String] = []
        do {
            if let byteCount = limits.memoryByteCount {
                try Self.limitMemory(byteCount, groups.memory, number, process, &folders)
            }
            if let count = limits.processCount {
                try Self.limitProcesses(count, groups.processes, number, process, &folders)
            }
            if let share = limits.cpuShare, let place = groups.cpus {
                try Self.limitCPUs(share, place, number, process, &folders)
            }
            if let byteCount = limits.fileByteCount { try Self.check(mr_limit_file_size(process, UInt64(byteCount))) }
            if let count = limits.openFileCount { try Self.check(mr_limit_open_files(process, UInt64(count))) }
        } catch {
            for folder in folders { rmdir(folder) }
            throw error
        }
        self.folders = folders
    }

    private static func limitMemory(
        _ byteCount: Int64, _ place: ControlGroups.Place?, _ number: Int, _ process: pid_t, _ folders: inout [String]
    ) throws {
        guard let place else { return try check(mr_limit_memory(process, UInt64(byteCount))) }
        let folder = try make(place, number, &folders)
        switch place.version {
        case .v1:
            try write("\(byteCount)", to: "\(folder)/memory.limit_in_bytes")
            // Not where swap is not accounted for.
            ControlFile.write("\(byteCount)", to: "\(folder)/memory.memsw.limit_in_bytes")
        case .v2:
            try write("\(byteCount)", to: "\(folder)/memory.max")
            ControlFile.write("0", to: "\(folder)/memory.swap.max")
        }
        try write("\(process)", to: "\(folder)/cgroup.procs")
    }

    private static func limitProcesses(
        _ count: Int, _ place: ControlGroups.Place?, _ number: Int, _ process: pid_t, _ folders: inout [String]
    ) throws {
        guard let place else { return try check(mr_limit_processes(process, UInt64(count))) }
        let folder = try make(place, number, &folders)
        try write("\(count)", to: "\(folder)/pids.max")
        try write("\(process)", to: "\(folder)/cgroup.procs")
    }

    private static func limitCPUs(
        _ share: CPUShare, _ place: ControlGroups.Place, _ number: Int, _ process: pid_t, _ folders: inout [String]
    ) throws {
        let folder = try make(place, number, &folders)
        switch place.version {
        case .v1:
            try write("\(CPUShare.periodMicroseconds)", to: "\(folder)/cpu.cfs_period_us")
            try write("\(share.microseconds)", to: "\(folder)/cpu.cfs_quota_us")
        case .v2:
            try write("\(share.microseconds) \(CPUShare.periodMicroseconds)", to: "\(folder)/cpu.max")
        }
        try write("\(process)", to: "\(folder)/cgroup.procs")
    }

    /// In version 2 all limits are of one group.
    private static func make(_ place: ControlGroups.Place, _ number: Int, _ folders: inout [String]) throws -> String {
        let folder = "\(place.folder)/\(number)"
        guard !folders.contains(folder) else { return folder }
        guard mkdir(folder, 0o755) == 0 else { throw Self.failed(folder) }
        folders.append(folder)
        return folder
    }

    private static func write(_ text: String, to path: String) throws {
        guard ControlFile.write(text, to: path) else { throw failed(path) }
    }

    private static func check(_ result: CInt) throws {
        guard result == 0 else { throw failed("prlimit") }
    }

    private static func failed(_ what: String) -> ProcessError {
        .notLimited(reason: "\(what): \(String(cString: strerror(errno)))")
    }

    /// Which limit the program came up against; nil when none is known. Asked before ``end()``.
    ///
    /// - Parameter status: How it ended; nil when it was running.
    package func reached(_ status: ProgramStatus?) -> String? {
        if limits.fileByteCount != nil, let status, status.isEnd(by: SIGXFSZ) {
            return "it wrote a file of more than \(limits.fileSizeOption)"
        }
        if let place = groups.memory, limits.memoryByteCount != nil, let folder = folder(in: place) {
            let file = place.version == .v1 ? "memory.oom_control" : "memory.events"
            if let count = ControlFile.number(of: "oom_kill", in: "\(folder)/\(file)"), count > 0 {
                return "it used more than \(limits.memoryOption)"
            }
        }
        if let place = groups.processes, limits.processCount != nil, let folder = folder(in: place),
            let count = ControlFile.number(of: "max", in: "\(folder)/pids.events"), count > 0
        {
            return "it could not start processes: \(limits.processOption)"
        }
        return nil
    }

    private func folder(in place: ControlGroups.Place) -> String? { folders.first { $0.hasPrefix(place.folder + "/") } }

    /// Kills all that is in it, also what has left the program's process group.
    package func kill() { for folder in folders { Self.killAll(in: folder) } }

    /// Kills all that is left in it, also what has left the program's process group, and takes the groups away.
    package func end() {
        var left =
            Self.left.withLock { left in
                defer { left = [] }
                return left
            } + folders
        for _ in 0..<Self.endTriesMax {
            left.removeAll { folder in
                Self.killAll(in: folder)
                return rmdir(folder) == 0 || errno == ENOENT
            }
            if left.isEmpty { return }
            usleep(Self.endTryMicroseconds)
        }
        Self.left.withLock { $0 += left }
    }

    private static func killAll(in folder: String) {
        // Version 2 does it at once; what forks meanwhile is met in the next round.
        if ControlFile.write("1", to: "\(folder)/cgroup.kill") { return }
        for line in (ControlFile.read("\(folder)/cgroup.procs") ?? "").split(separator: "\n") {
            // 0 is a process that this one can't see, and -1 would be all.
            if let process = pid_t(String(line)), process > 1 { Glibc.kill(process, SIGKILL) }
        }
    }
}
