import Glibc

/// The programs under test, and what of this machine the tests need.
enum Programs {
    /// The folder of the running test binary, in which the build puts all programs.
    static let folder: String = {
        guard let path = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(path) }
        let text = String(cString: path)
        return text.lastIndex(of: "/").map { String(text[..<$0]) } ?? "."
    }()

    static let master = folder + "/mr-master"
    static let worker = folder + "/mr-worker"
    static let control = folder + "/mr-ctl"
    static let ownWorker = folder + "/own-worker"
    static let pageWorker = folder + "/page-worker"
    static let faultyWorker = folder + "/faulty-worker"

    /// The folder of the whole package.
    static let package: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(4).joined(separator: "/")
    }()

    static let python3 = find("python3")
    static let rscript = find("Rscript")
    static let unshare = find("unshare")
    static let setpriv = find("setpriv")

    /// Whether the mrjob of PyPI is there.
    static let hasMrjob: Bool = python3.map { exitCode([$0, "-c", "import mrjob.job"]) == 0 } ?? false

    static let isRoot = geteuid() == 0

    /// Whether this machine lets us make mount namespaces: root in a plain process, often not in a container.
    static let canUnshareMounts: Bool = {
        guard isRoot, let unshare else { return false }
        return exitCode([unshare, "-m", "sh", "-c", "mount -t tmpfs none /mnt"]) == 0
    }()

    /// Whether this machine lets us make machines of our own that share a network: see ``Machines``.
    static let canMakeNetworks: Bool = {
        guard canUnshareMounts, let unshare, find("ip") != nil, find("nsenter") != nil, find("bash") != nil else {
            return false
        }
        let wires = "ip link add switch type bridge && ip link add port type veth peer name eth0"
        return exitCode([unshare, "-n", "sh", "-c", wires]) == 0
    }()

    /// The start of a command that runs the rest of it as a user without rights; empty when this user has none anyway, nil
    /// when there is no way, as when that user can't reach the programs.
    static let withoutRights: [String]? = {
        guard isRoot else { return [] }
        guard let setpriv else { return nil }
        let prefix = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
        return exitCode(prefix + ["test", "-x", master]) == 0 ? prefix : nil
    }()

    static func find(_ program: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    private static func exitCode(_ command: [String]) -> Int32? {
        let variables = ProcessTable.ownEnvironment
        guard let folder = try? TestFolder(), let program = command[0].hasPrefix("/") ? command[0] : find(command[0]),
            let process = try? ChildProcess(
                name: "probe", command: ([program] + command.dropFirst()).map { Array($0.utf8) },
                environment: variables, folder: "/", logs: folder.path)
        else { return nil }
        defer { folder.remove() }
        // Used before any test runs, and the probes take milliseconds.
        while process.exit == nil { usleep(1_000) }
        if case .code(let code) = process.exit { return code }
        return nil
    }
}
