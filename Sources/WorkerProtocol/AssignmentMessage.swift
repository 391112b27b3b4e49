package import Model
import XMLRPC

/// One attempt to run, with all that the worker needs to know.
package struct AssignmentMessage: Hashable, Sendable {
    package let attempt: AttemptID
    /// Travels beside the assignments.
    package let job: JobMessage
    package let work: Work
    /// As in the coordinator's assignment.
    package let searchesBadRecord: Bool

    package enum Work: Hashable, Sendable {
        case map(pieces: [SplitPiece], files: [Int: InputFile])
        case reduce(sources: [SourceMessage], destination: ReduceDestination)
        /// Of a job without a reduce step: input in the place of sources.
        case mapToPart(pieces: [SplitPiece], files: [Int: InputFile], destination: ReduceDestination)
    }

    package init(attempt: AttemptID, job: JobMessage, work: Work, searchesBadRecord: Bool = false) {
        self.attempt = attempt
        self.job = job
        self.work = work
        self.searchesBadRecord = searchesBadRecord
    }

    init(_ fields: Fields, of jobs: [JobID: JobMessage]) throws(XMLRPCFault) {
        attempt = try ReportMessage.attempt(named: fields.string("attempt", byteCountMax: 64))
        guard let job = jobs[attempt.task.job] else { throw Fields.fault("assignments come with their job") }
        self.job = job
        searchesBadRecord = fields.has("search") ? try fields.boolean("search") : false
        switch attempt.task.kind {
        case .map:
            let input = try AssignmentMessage.input(fields)
            work = .map(pieces: input.pieces, files: input.files)
        case .reduce where fields.has("input"):
            let input = try AssignmentMessage.input(fields)
            work = .mapToPart(
                pieces: input.pieces, files: input.files, destination: try AssignmentMessage.destination(fields))
        case .reduce: work = try AssignmentMessage.reduceWork(fields)
        }
    }

    var value: XMLRPCValue {
        var members: [String: XMLRPCValue] = ["attempt": .string(attempt.name)]
        switch work {
        case .map(let pieces, let files):
            members["input"] = .base64(PackedInput(pieces: pieces, files: files).bytes)
        case .reduce(let sources, let destination):
            members["sources"] = .array(sources.map(\.value))
            members["destination"] = destination.value
        case .mapToPart(let pieces, let files, let destination):
            members["input"] = .base64(PackedInput(pieces: pieces, files: files).bytes)
            members["destination"] = destination.value
        }
        if searchesBadRecord { members["search"] = .boolean(true) }
        return .structure(members)
    }
}

extension AssignmentMessage {
    private static func input(_ fields: Fields) throws(XMLRPCFault) -> PackedInput {
        try PackedInput(fields.bytes("input", byteCountMax: ProtocolLimits.inputByteCountMax))
    }

    private static func destination(_ fields: Fields) throws(XMLRPCFault) -> ReduceDestination {
        try ReduceDestination(Fields(.structure(fields.structure("destination")), in: "a destination"))
    }

    private static func reduceWork(_ fields: Fields) throws(XMLRPCFault) -> Work {
        var sources: [SourceMessage] = []
        for item in try fields.structs("sources", countMax: ProtocolLimits.piecesMax) {
            sources.append(try SourceMessage(item))
        }
        return .reduce(sources: sources, destination: try destination(fields))
    }
}

/// Where some of a reduce task's input is.
package struct SourceMessage: Hashable, Sendable {
    /// The worker's name; empty for the master itself.
    package let name: String
    package let place: WorkerPlace
    package let outputs: [MapOutputID]
    /// The CRC-32C of each output's index, as its attempt announced it.
    package let checksums: [UInt32]
    /// Bytes that no partition of theirs has more of.
    package let byteCountMax: Int64
    /// What to show to the holder; empty where nobody asks for one.
    package let ticket: String

    /// - Precondition: There are as many checksums as outputs.
    package init(
        name: String, place: WorkerPlace, outputs: [MapOutputID], checksums: [UInt32],
        byteCountMax: Int64, ticket: String = ""
    ) {
        precondition(outputs.count == checksums.count, "each map output has a checksum")
        self.name = name
        self.place = place
        self.outputs = outputs
        self.checksums = checksums
        self.byteCountMax = byteCountMax
        self.ticket = ticket
    }

    init(_ fields: Fields) throws(XMLRPCFault) {
        name = try fields.string("name", byteCountMax: 255)
        place = try WorkerPlace(fields)
        outputs = try MapOutputNames.outputs(in: fields.string("outputs", byteCountMax: 64 << 20))
        let bytes = try fields.bytes("checksums", byteCountMax: 4 * ProtocolLimits.lostOutputsMax)
        guard bytes.count == 4 * outputs.count else {
            throw Fields.fault("member 'checksums' of a source must have 4 bytes for each of \(outputs.count) outputs")
        }
        checksums = stride(from: 0, to: bytes.count, by: 4)
            .map { start in bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        byteCountMax = try fields.count("bytes_max")
        ticket = fields.has("ticket") ? try fields.word("ticket", byteCountMax: 255) : ""
    }

    var value: XMLRPCValue {
        var members = place.members
        members["name"] = .string(name)
        members["outputs"] = .string(MapOutputNames.text(of: outputs))
        members["checksums"] = .base64(checksums.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) })
        members["bytes_max"] = .count(byteCountMax)
        if !ticket.isEmpty { members["ticket"] = .string(ticket) }
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
