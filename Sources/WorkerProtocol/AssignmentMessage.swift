package import Model
package import XMLRPC

/// One attempt to run, with all that the worker needs to know.
package struct AssignmentMessage: Hashable, Sendable {
    package let attempt: AttemptID
    package let application: ApplicationChoice
    /// R of the job.
    package let reduceCount: Int
    package let work: Work

    package enum Work: Hashable, Sendable {
        /// - Parameter cutPoints: As in ``JobPlan/cutPoints``.
        case map(pieces: [SplitPiece], files: [Int: InputFile], cutPoints: [[UInt8]]? = nil)
        case reduce(sources: [SourceMessage], destination: ReduceDestination)
    }

    package init(attempt: AttemptID, application: ApplicationChoice, reduceCount: Int, work: Work) {
        self.attempt = attempt
        self.application = application
        self.reduceCount = reduceCount
        self.work = work
    }

    package init(_ fields: Fields) throws(XMLRPCFault) {
        attempt = try ReportMessage.attempt(named: fields.string("attempt", byteCountMax: 64))
        var options: [String: [UInt8]] = [:]
        for (name, value) in try fields.structure("options") {
            guard case .base64(let bytes) = value else { throw Fields.fault("option '\(name)' must be base64") }
            options[name] = bytes
        }
        application = ApplicationChoice(
            name: try fields.string("application", byteCountMax: 255), options: options)
        reduceCount = try fields.int("reduces", in: 1...Int(Int32.max))
        switch attempt.task.kind {
        case .map: work = try AssignmentMessage.mapWork(fields)
        case .reduce: work = try AssignmentMessage.reduceWork(fields)
        }
    }

    package var value: XMLRPCValue {
        var members: [String: XMLRPCValue] = [
            "attempt": .string(attempt.name),
            "application": .string(application.name),
            "options": .structure(application.options.mapValues { .base64($0) }),
            "reduces": .int(Int32(reduceCount)),
        ]
        switch work {
        case .map(let pieces, let files, let cutPoints):
            if let cutPoints { members["cut_points"] = .array(cutPoints.map { .base64($0) }) }
            members["input"] = .base64(PackedInput(pieces: pieces, files: files).bytes)
        case .reduce(let sources, let destination):
            members["sources"] = .array(sources.map(\.value))
            members["destination"] = destination.value
        }
        return .structure(members)
    }
}

extension AssignmentMessage {
    private static func mapWork(_ fields: Fields) throws(XMLRPCFault) -> Work {
        let input = try PackedInput(fields.bytes("input", byteCountMax: ProtocolLimits.inputByteCountMax))
        return .map(pieces: input.pieces, files: input.files, cutPoints: try cutPoints(fields))
    }

    private static func cutPoints(_ fields: Fields) throws(XMLRPCFault) -> [[UInt8]]? {
        guard fields.has("cut_points") else { return nil }
        var cutPoints: [[UInt8]] = []
        for value in try fields.array("cut_points", countMax: ProtocolLimits.cutPointsMax) {
            guard case .base64(let bytes) = value, bytes.count <= ProtocolLimits.cutPointByteCountMax else {
                throw Fields.fault(
                    "each cut point must be base64 of at most \(ProtocolLimits.cutPointByteCountMax) bytes")
            }
            cutPoints.append(bytes)
        }
        return cutPoints
    }

    private static func reduceWork(_ fields: Fields) throws(XMLRPCFault) -> Work {
        var sources: [SourceMessage] = []
        for item in try fields.structs("sources", countMax: ProtocolLimits.piecesMax) {
            sources.append(try SourceMessage(item))
        }
        let destination = try Fields(.structure(fields.structure("destination")), in: "a destination")
        return .reduce(sources: sources, destination: try ReduceDestination(destination))
    }
}

/// Where some of a reduce task's input is.
package struct SourceMessage: Hashable, Sendable {
    /// The worker's name; empty for the master itself.
    package let name: String
    package let place: WorkerPlace
    package let outputs: [MapOutputID]

    package init(name: String, place: WorkerPlace, outputs: [MapOutputID]) {
        self.name = name
        self.place = place
        self.outputs = outputs
    }

    init(_ fields: Fields) throws(XMLRPCFault) {
        name = try fields.string("name", byteCountMax: 255)
        place = try WorkerPlace(fields)
        outputs = try MapOutputNames.outputs(in: fields.string("outputs", byteCountMax: 64 << 20))
    }

    var value: XMLRPCValue {
        var members = place.members
        members["name"] = .string(name)
        members["outputs"] = .string(MapOutputNames.text(of: outputs))
        return .structure(members)
    }
}

/// Where a reduce attempt's output goes.
package struct ReduceDestination: Hashable, Sendable {
    /// Absolute path of the folder for outputs that are not yet committed.
    package let folder: [UInt8]
    /// What the file `marker` in that folder holds: a worker that reads the same there sees the same folder, and writes
    /// its part there; any other uploads it.
    package let marker: String

    package init(folder: [UInt8], marker: String) {
        self.folder = folder
        self.marker = marker
    }

    init(_ fields: Fields) throws(XMLRPCFault) {
        folder = try fields.bytes("folder", byteCountMax: 4096)
        marker = try fields.string("marker", byteCountMax: 255)
    }

    var value: XMLRPCValue { .structure(["folder": .base64(folder), "marker": .string(marker)]) }
}
