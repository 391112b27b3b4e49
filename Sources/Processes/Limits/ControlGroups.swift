import Glibc
import Synchronization

/// The folders of the kernel's control groups in which this process limits programs.
///
/// Each has a name of this process's own, below the group that this process is in, or below the topmost one. They go with
/// ``GroupGuard``, however this process ends.
package struct ControlGroups: Sendable {
    /// nil where there is no such group to be had.
    let memory: Place?
    let processes: Place?
    let cpus: Place?

    struct Place: Hashable, Sendable {
        enum Version: Sendable {
            case v1
            case v2
        }
        let version: Version
        let folder: String
    }

    /// Made when first asked for.
    package static let ofThisProcess = ControlGroups()

    private init() {
        let own = Self.ownPaths()
        let name = "mr-worker-\(getpid())-\(UInt32.random(in: .min ... .max))"
        let unified = Self.unified(own[""] ?? "", name)
        memory = unified ?? Self.first("memory", own, name, file: "memory.limit_in_bytes")
        processes = unified ?? Self.first("pids", own, name, file: "cgroup.procs")
        cpus =
            unified.flatMap { Self.givesCPUs($0) ? $0 : nil } ?? Self.first("cpu", own, name, file: "cpu.cfs_quota_us")
    }

    /// The group of this process for each controller; the one for version 2 has no name.
    private static func ownPaths() -> [String: String] {
        var paths: [String: String] = [:]
        for line in (ControlFile.read("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let path = fields[2] == "/" ? "" : String(fields[2])
            for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                paths[String(controller)] = path
            }
        }
        return paths
    }

    private static func first(_ controller: String, _ own: [String: String], _ name: String, file: String) -> Place? {
        let mount = "/sys/fs/cgroup/\(controller)"
        for parent in [own[controller].map { mount + $0 }, mount].compactMap({ $0 }) {
            let folder = "\(parent)/\(name)"
            guard mkdir(folder, 0o755) == 0 else { continue }
            if access("\(folder)/\(file)", W_OK) == 0 { return Place(version: .v1, folder: folder) }
            rmdir(folder)
        }
        return nil
    }

    /// Both controllers must be given to the group's children, which the kernel allows only where the group has no process
    /// of its own, or is the topmost one.
    private static func unified(_ own: String, _ name: String) -> Place? {
        for parent in ["/sys/fs/cgroup\(own)", "/sys/fs/cgroup"] {
            guard let controllers = ControlFile.read("\(parent)/cgroup.controllers"), controllers.contains("memory"),
                controllers.contains("pids")
            else { continue }
            let given = ControlFile.read("\(parent)/cgroup.subtree_control") ?? ""
            guard
                given.contains("memory") && given.contains("pids")
                    || ControlFile.write("+memory +pids", to: "\(parent)/cgroup.subtree_control")
            else { continue }
            let folder = "\(parent)/\(name)"
            guard mkdir(folder, 0o755) == 0 else { continue }
            if ControlFile.write("+memory +pids", to: "\(folder)/cgroup.subtree_control") {
                // Cores can be had without, and the rest without cores.
                ControlFile.write("+cpu", to: "\(parent)/cgroup.subtree_control")
                ControlFile.write("+cpu", to: "\(folder)/cgroup.subtree_control")
                return Place(version: .v2, folder: folder)
            }
            rmdir(folder)
        }
        return nil
    }

    private static func givesCPUs(_ place: Place) -> Bool {
        let given = ControlFile.read("\(place.folder)/cgroup.subtree_control") ?? ""
        return given.split(whereSeparator: \.isWhitespace).contains("cpu")
    }

    package var folders: [String] { Set([memory, processes, cpus].compactMap { $0?.folder }).sorted() }
}
