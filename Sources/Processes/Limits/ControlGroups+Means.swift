package import ApplicationAPI

// By which means limits are held where this process runs.

extension ControlGroups {
    package func means(of limits: ProgramLimits) -> Set<LimitMeans> {
        var means: Set<LimitMeans> = []
        if limits.memoryByteCount != nil { means.insert(Self.means(memory, else: .rlimit)) }
        if limits.processCount != nil { means.insert(Self.means(processes, else: .rlimit)) }
        if limits.cpuShare != nil { means.insert(Self.means(cpus, else: .none)) }
        if limits.fileByteCount != nil || limits.openFileCount != nil { means.insert(.rlimit) }
        return means
    }

    private static func means(_ place: Place?, else other: LimitMeans) -> LimitMeans {
        switch place?.version {
        case .v1: .cgroupV1
        case .v2: .cgroupV2
        case nil: other
        }
    }

    /// For each limit, in a few words.
    package func description(of limits: ProgramLimits) -> String {
        func kind(_ place: Place?, _ other: String) -> String {
            switch place?.version {
            case .v1: "cgroup v1"
            case .v2: "cgroup v2"
            case nil: other
            }
        }
        var texts: [String] = []
        if limits.memoryByteCount != nil {
            texts.append("memory by \(kind(memory, "rlimit (address space of each process)"))")
        }
        if limits.processCount != nil {
            texts.append("processes by \(kind(processes, "rlimit (of the user; it does not bind root)"))")
        }
        if limits.cpuShare != nil { texts.append("cpus by \(kind(cpus, "nothing (no cgroup can be made here)"))") }
        if limits.fileByteCount != nil { texts.append("file size by rlimit") }
        if limits.openFileCount != nil { texts.append("open files by rlimit (of each process)") }
        return texts.joined(separator: ", ")
    }
}
