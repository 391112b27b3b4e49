package import Model
package import XMLRPC

/// `worker.register`: what a worker says of itself.
package struct RegisterRequest: Hashable, Sendable {
    package let version: Int
    package let name: String
    package let slots: Int
    package let applications: [String]
    package let place: WorkerPlace

    package init(name: String, slots: Int, applications: [String], place: WorkerPlace) {
        self.version = ProtocolVersion.current
        self.name = name
        self.slots = slots
        self.applications = applications
        self.place = place
    }

    package init(_ value: XMLRPCValue) throws(XMLRPCFault) {
        let fields = try Fields(value, in: "worker.register")
        version = try fields.int("version", in: 1...1_000_000)
        guard version == ProtocolVersion.current else {
            throw Fields.fault(
                "this master speaks version \(ProtocolVersion.current) of the worker protocol, the worker version \(version); "
                    + "install the same release on both")
        }
        name = try fields.string("name", byteCountMax: 255)
        guard !name.isEmpty else { throw Fields.fault("member 'name' of worker.register must not be empty") }
        slots = try fields.int("slots", in: 1...ProtocolLimits.slotsMax)
        applications = try fields.strings(
            "applications", countMax: ProtocolLimits.applicationsMax,
            byteCountMax: ProtocolLimits.applicationNameByteCountMax)
        place = try WorkerPlace(fields)
    }

    package var value: XMLRPCValue {
        var members = place.members
        members["version"] = .int(Int32(version))
        members["name"] = .string(name)
        members["slots"] = .int(Int32(slots))
        members["applications"] = .array(applications.map { .string($0) })
        return .structure(members)
    }
}

/// Where a worker's map output is: read directly on the same host, by HTTP from elsewhere.
package struct WorkerPlace: Hashable, Sendable {
    /// Equal for two processes on one running machine (the kernel's boot id); empty when unknown.
    package let host: String
    /// Absolute path of the folder that holds its map output.
    package let scratch: [UInt8]
    /// `HOST:PORT` of its data port; empty when it has none.
    package let address: String

    package init(host: String, scratch: [UInt8], address: String) {
        self.host = host
        self.scratch = scratch
        self.address = address
    }

    package init(_ fields: Fields) throws(XMLRPCFault) {
        host = try fields.string("host", byteCountMax: 255)
        scratch = try fields.bytes("scratch", byteCountMax: 4096)
        address = try fields.string("address", byteCountMax: 255)
    }

    package var members: [String: XMLRPCValue] {
        ["host": .string(host), "scratch": .base64(scratch), "address": .string(address)]
    }
}

/// The master's answer to `worker.register`.
package struct RegisterAnswer: Hashable, Sendable {
    package let worker: WorkerID
    package let leaseLength: Duration
    /// How often a poll must come, at least.
    package let heartbeatInterval: Duration
    /// Another at each start of the master.
    package let instance: String

    package init(worker: WorkerID, leaseLength: Duration, heartbeatInterval: Duration, instance: String) {
        self.worker = worker
        self.leaseLength = leaseLength
        self.heartbeatInterval = heartbeatInterval
        self.instance = instance
    }

    package init(_ value: XMLRPCValue) throws(XMLRPCFault) {
        let fields = try Fields(value, in: "the answer to worker.register")
        worker = WorkerID(number: try fields.int("worker", in: 1...Int(Int32.max)))
        leaseLength = try fields.seconds("lease_seconds")
        heartbeatInterval = try fields.seconds("heartbeat_seconds")
        instance = try fields.string("instance", byteCountMax: 255)
    }

    package var value: XMLRPCValue {
        .structure([
            "worker": .int(Int32(worker.number)),
            "lease_seconds": .double(leaseLength.inSeconds),
            "heartbeat_seconds": .double(heartbeatInterval.inSeconds),
            "instance": .string(instance),
        ])
    }
}
