package import Model
import XMLRPC

/// What all attempts of a job have in common. A worker hears it once, because it may be long.
package struct JobMessage: Hashable, Sendable {
    package let id: JobID
    package let application: ApplicationChoice
    /// R.
    package let reduceCount: Int
    /// As in ``JobPlan/cutPoints``.
    package let cutPoints: [[UInt8]]?
    /// As in ``JobPlan/skippedRecordsMax``.
    package let skippedRecordsMax: Int
    package let forms: DataForms
    /// What the job's tasks find in their working folders, by the number that the master serves it under.
    package let shipped: [Int: ShippedFile]

    package init(
        id: JobID, application: ApplicationChoice, reduceCount: Int, cutPoints: [[UInt8]]? = nil,
        skippedRecordsMax: Int = 0,
        forms: DataForms = DataForms(), shipped: [Int: ShippedFile] = [:]
    ) {
        self.id = id
        self.application = application
        self.reduceCount = reduceCount
        self.cutPoints = cutPoints
        self.skippedRecordsMax = skippedRecordsMax
        self.forms = forms
        self.shipped = shipped
    }

    init(_ fields: Fields) throws(XMLRPCFault) {
        id = JobID(number: try fields.int("job", in: 1...JobID.numberMax))
        var options: [String: [UInt8]] = [:]
        for (name, value) in try fields.structure("options") {
            guard case .base64(let bytes) = value else { throw Fields.fault("option '\(name)' must be base64") }
            options[name] = bytes
        }
        application = ApplicationChoice(
            name: try fields.string("application", byteCountMax: 255), options: options)
        reduceCount = try fields.int("reduces", in: 1...Int(Int32.max))
        cutPoints = try JobMessage.cutPoints(fields)
        skippedRecordsMax =
            fields.has("skip_bad_records")
            ? try fields.int("skip_bad_records", in: 0...SkippedRecord.countMax) : 0
        forms = try JobMessage.forms(fields)
        shipped = fields.has("shipped") ? try ShippedFilesMessage.files(fields) : [:]
    }

    var value: XMLRPCValue {
        var members: [String: XMLRPCValue] = [
            "job": .int(Int32(id.number)),
            "application": .string(application.name),
            "options": .structure(application.options.mapValues { .base64($0) }),
            "reduces": .int(Int32(reduceCount)),
        ]
        if let cutPoints { members["cut_points"] = .array(cutPoints.map { .base64($0) }) }
        if skippedRecordsMax > 0 { members["skip_bad_records"] = .int(Int32(clamping: skippedRecordsMax)) }
        if let input = forms.input { members["input_format"] = .string(input.text) }
        if forms.skipsHeaders { members["skip_header"] = .boolean(true) }
        if let compression = forms.compression { members["compress"] = .string(compression.rawValue) }
        if forms.output != .text { members["output_format"] = .string(forms.output.rawValue) }
        if !shipped.isEmpty { members.merge(ShippedFilesMessage.members(shipped)) { $1 } }
        return .structure(members)
    }

    private static func forms(_ fields: Fields) throws(XMLRPCFault) -> DataForms {
        var forms = DataForms()
        if fields.has("input_format") {
            let text = try fields.string("input_format", byteCountMax: 64)
            guard let input = InputForm(text) else {
                throw Fields.fault("input_format must be one of \(InputForm.choices), not '\(text)'")
            }
            forms.input = input
        }
        if fields.has("skip_header") { forms.skipsHeaders = try fields.boolean("skip_header") }
        if fields.has("compress") {
            let text = try fields.string("compress", byteCountMax: 64)
            guard let compression = OutputCompression(rawValue: text) else {
                throw Fields.fault("compress must be one of \(OutputCompression.choices), not '\(text)'")
            }
            forms.compression = compression
        }
        if fields.has("output_format") {
            let text = try fields.string("output_format", byteCountMax: 64)
            guard let output = OutputForm(rawValue: text) else {
                throw Fields.fault("output_format must be one of \(OutputForm.choices), not '\(text)'")
            }
            forms.output = output
        }
        return forms
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
}
