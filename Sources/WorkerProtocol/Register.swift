package import Model
package import XMLRPC

/// `worker.register`: what a worker says of itself.
package struct RegisterRequest: Hashable, Sendable {
    package let version: Int
    package let name: String
    package let slots: Int
    package let applications: [String]
    package let place: WorkerPlace
    /// nil where nobody starts its process again.
    package let supervision: Supervision?

    package init(
        name: String, slots: Int, applications: [String], place: WorkerPlace, supervision: Supervision? = nil
    ) {
        self.version = ProtocolVersion.current
        self.name = name
        self.slots = slots
        self.applications = applications
        self.place = place
        self.supervision = supervision
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
        supervision = try Supervision(fields)
    }

    package var value: XMLRPCValue {
        var members = place.members
        for (name, value) in supervision?.members ?? [:] { members[name] = value }
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
    /// Of the key that its data port shows, as text; empty where that speaks plain HTTP.
    package let pin: String

    package init(host: String, scratch: [UInt8], address: String, pin: String = "") {
        self.host = host
        self.scratch = scratch
        self.address = address
        self.pin = pin
    }

    /// A worker that keeps no map output leaves all of it out, and no part of it alone.
    package init(_ fields: Fields) throws(XMLRPCFault) {
        guard ["host", "scratch", "address", "pin"].contains(where: fields.has) else {
            self.init(host: "", scratch: [], address: "")
            return
        }
        self.init(
            host: try fields.string("host", byteCountMax: 255),
            scratch: try fields.bytes("scratch", byteCountMax: 4096),
            address: try fields.string("address", byteCountMax: 255),
            pin: fields.has("pin") ? try fields.string("pin", byteCountMax: 64) : "")
    }

    package var members: [String: XMLRPCValue] {
        var members: [String: XMLRPCValue] = [
            "host": .string(host), "scratch": .base64(scratch), "address": .string(address),
        ]
        if !pin.isEmpty { members["pin"] = .string(pin) }
        return members
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
    /// What the worker shows from now on; nil where the master asks for nothing.
    package let session: SessionMessage?
    /// Whether it asks other workers for map output in compressed form.
    package let intermediateCompression: IntermediateCompression

    package init(
        worker: WorkerID, leaseLength: Duration, heartbeatInterval: Duration, instance: String,
        session: SessionMessage? = nil, intermediateCompression: IntermediateCompression = .auto
    ) {
        self.worker = worker
        self.leaseLength = leaseLength
        self.heartbeatInterval = heartbeatInterval
        self.instance = instance
        self.session = session
        self.intermediateCompression = intermediateCompression
    }

    package init(_ value: XMLRPCValue) throws(XMLRPCFault) {
        let fields = try Fields(value, in: "the answer to worker.register")
        worker = WorkerID(number: try fields.int("worker", in: 1...Int(Int32.max)))
        leaseLength = try fields.seconds("lease_seconds")
        heartbeatInterval = try fields.seconds("heartbeat_seconds")
        instance = try fields.string("instance", byteCountMax: 255)
        session = fields.has("token") ? try SessionMessage(fields) : nil
        intermediateCompression = try Self.intermediateCompression(fields)
    }

    package var value: XMLRPCValue {
        var members: [String: XMLRPCValue] = [
            "worker": .int(Int32(worker.number)),
            "lease_seconds": .double(leaseLength.inSeconds),
            "heartbeat_seconds": .double(heartbeatInterval.inSeconds),
            "instance": .string(instance),
        ]
        for (name, value) in session?.members ?? [:] { members[name] = value }
        if intermediateCompression != .auto {
            members["compress_intermediate"] = .string(intermediateCompression.rawValue)
        }
        return .structure(members)
    }

    private static func intermediateCompression(_ fields: Fields) throws(XMLRPCFault) -> IntermediateCompression {
        guard fields.has("compress_intermediate") else { return .auto }
        let text = try fields.string("compress_intermediate", byteCountMax: 64)
        guard let compression = IntermediateCompression(rawValue: text) else {
            throw Fields.fault("compress_intermediate must be one of \(IntermediateCompression.choices), not '\(text)'")
        }
        return compression
    }
}

/// The secrets of one registration.
package struct SessionMessage: Hashable, Sendable {
    /// For everything that the worker asks the master for.
    package let token: String
    /// What the tickets are made with that others show to the worker's data port: 32 bytes.
    package let ticketKey: [UInt8]
    /// What the clock shows that tickets end by, in seconds.
    package let clockSeconds: Int64

    package init(token: String, ticketKey: [UInt8], clockSeconds: Int64) {
        self.token = token
        self.ticketKey = ticketKey
        self.clockSeconds = clockSeconds
    }

    init(_ fields: Fields) throws(XMLRPCFault) {
        token = try fields.word("token", byteCountMax: 255)
        ticketKey = try fields.bytes("ticket_key", byteCountMax: 255)
        clockSeconds = try fields.count("clock")
    }

    var members: [String: XMLRPCValue] {
        ["token": .string(token), "ticket_key": .base64(ticketKey), "clock": .double(Double(clockSeconds))]
    }
}
