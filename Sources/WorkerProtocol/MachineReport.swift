package import XMLRPC

/// What a worker says of its machine and of what it has moved, in some of its polls. For people alone: nothing is decided by it.
package struct MachineReport: Hashable, Sendable {
    /// The machine's own name.
    package let host: String
    /// Of the worker program.
    package let version: String
    package let coreCount: Int
    package let load: Double
    // All in bytes.
    package let memory: Int64
    package let memoryFree: Int64
    /// On the disk that the worker writes to.
    package let diskFree: Int64
    /// Input of attempts that it has completed.
    package let readByteCount: Int64
    /// Map output that it has fetched from others.
    package let fetchedByteCount: Int64
    /// How often its process died and was started again.
    package let restartCount: Int
    /// How the process before this one ended; empty for the first.
    package let lastEnd: String

    package init(
        host: String, version: String, coreCount: Int, load: Double, memory: Int64, memoryFree: Int64, diskFree: Int64,
        readByteCount: Int64, fetchedByteCount: Int64, restartCount: Int = 0, lastEnd: String = ""
    ) {
        self.host = host
        self.version = version
        self.coreCount = coreCount
        self.load = load
        self.memory = memory
        self.memoryFree = memoryFree
        self.diskFree = diskFree
        self.readByteCount = readByteCount
        self.fetchedByteCount = fetchedByteCount
        self.restartCount = restartCount
        self.lastEnd = lastEnd
    }

    /// nil in the polls that say nothing of it. Whoever knows only some of it says that.
    init?(from poll: Fields) throws(XMLRPCFault) {
        guard poll.has("machine") else { return nil }
        let fields = try Fields(poll.required("machine"), in: "member 'machine' of worker.poll")
        host = fields.has("host") ? try fields.text("host", byteCountMax: 255) : ""
        version = fields.has("version") ? try fields.text("version", byteCountMax: 64) : ""
        coreCount = fields.has("cores") ? try fields.int("cores", in: 0...1_000_000) : 0
        load = fields.has("load") ? try fields.seconds("load", max: 1e9).inSeconds : 0
        memory = try Self.bytes("memory", fields)
        memoryFree = try Self.bytes("memory_free", fields)
        diskFree = try Self.bytes("disk_free", fields)
        readByteCount = try Self.bytes("read_bytes", fields)
        fetchedByteCount = try Self.bytes("fetched_bytes", fields)
        restartCount = fields.has("restarts") ? try fields.int("restarts", in: 0...Int(Int32.max)) : 0
        lastEnd = fields.has("last_end") ? try fields.text("last_end", byteCountMax: 255) : ""
    }

    private static func bytes(_ name: String, _ fields: Fields) throws(XMLRPCFault) -> Int64 {
        fields.has(name) ? try fields.count(name) : 0
    }

    package var members: [String: XMLRPCValue] {
        var members: [String: XMLRPCValue] = [
            "host": .string(host), "version": .string(version), "cores": .int(Int32(clamping: coreCount)),
            "load": .double(load), "memory": XMLRPCValue.count(memory), "memory_free": XMLRPCValue.count(memoryFree),
            "disk_free": XMLRPCValue.count(diskFree), "read_bytes": XMLRPCValue.count(readByteCount),
            "fetched_bytes": XMLRPCValue.count(fetchedByteCount),
        ]
        if restartCount > 0 {
            members["restarts"] = .int(Int32(clamping: restartCount))
            members["last_end"] = .string(lastEnd)
        }
        return members
    }
}
