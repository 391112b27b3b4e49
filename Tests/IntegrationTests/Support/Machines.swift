import Glibc

/// Machines that share nothing with each other but a network: each has a network namespace with one address, takes itself for
/// a machine of its own, and sees an empty folder where others have their files. They go when their processes do.
struct Machines {
    /// Its files are in the folder of this name.
    let names: [String]
    let addresses: [String]
    private let keepers: [ChildProcess]
    private let cluster: Cluster

    /// All of them lead to the first, as to a switch.
    private static let wiring = """
        set -e
        first=$1
        inside() { nsenter --net="/proc/$1/ns/net" ip "${@:2}"; }
        inside "$first" link add switch type bridge
        inside "$first" addr add 10.77.0.1/24 dev switch
        inside "$first" link set switch up
        number=1
        for keeper in "${@:2}"; do
            number=$((number + 1))
            inside "$first" link add "port$number" type veth peer name eth0 netns "$keeper"
            inside "$first" link set "port$number" master switch up
            inside "$keeper" addr add "10.77.0.$number/24" dev eth0
            inside "$keeper" link set eth0 up
        done
        """

    static let need = "needs root, network namespaces (unshare -n), and ip, nsenter and bash"

    init(_ names: [String], in cluster: Cluster) async throws {
        precondition(names.count >= 1 && names.count < 200, "the addresses are those of one network")
        self.names = names
        self.cluster = cluster
        addresses = names.indices.map { "10.77.0.\($0 + 1)" }
        var keepers: [ChildProcess] = []
        for (number, name) in names.enumerated() {
            try Files.makeFolder(cluster.path(name))
            try Files.write("00000000-0000-4000-8000-00000000000\(number)\n", to: cluster.path("\(name)-boot-id"))
            let stay = "ip link set lo up && echo is up >&2 && exec sleep 3600"
            keepers.append(try cluster.start("machine-\(name)", [Programs.unshare ?? "", "-n", "sh", "-c", stay]))
        }
        for keeper in keepers { try await keeper.line(containing: "is up") }
        let wires = try cluster.start("wires", ["bash", "-c", Self.wiring, "bash"] + keepers.map { "\($0.pid)" })
        guard try await wires.waitForExit() == .code(0) else {
            throw DidNotHappen(description: "no network: \(wires.standardError)")
        }
        self.keepers = keepers
    }

    /// Starts a program on the machine of that number; what it keeps is to be in the folder of the machine's name.
    func start(_ number: Int, _ name: String, _ command: [String]) throws -> ChildProcess {
        let others = names.filter { $0 != names[number] }.map { "mount -t tmpfs none '\(cluster.path($0))' && " }
            .joined()
        let identity = cluster.path("\(names[number])-boot-id")
        let script = "mount --bind '\(identity)' /proc/sys/kernel/random/boot_id && \(others)exec \"$@\""
        let enter = ["nsenter", "--net=/proc/\(keepers[number].pid)/ns/net", "unshare", "-m", "sh", "-c", script, "sh"]
        var environment = cluster.environment
        environment["MR_STATE_DIR"] = cluster.path("\(names[number])/state")
        return try cluster.start(name, (enter + command).map { Array($0.utf8) }, environment: environment)
    }
}
