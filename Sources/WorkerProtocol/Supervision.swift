import XMLRPC

/// What a worker says when it registers whose process is started again when it dies (`mr-worker --supervise`).
package struct Supervision: Hashable, Sendable {
    /// The supervisor's own, which nobody but it, its workers and their master knows: whoever shows it is what came after the
    /// worker that showed it before.
    package let key: String
    /// How often the process was started again.
    package let restartCount: Int
    /// How the one before it ended; empty for the first.
    package let lastEnd: String

    package static let keyByteCountMax = 64
    package static let lastEndByteCountMax = 255

    package init(key: String, restartCount: Int, lastEnd: String) {
        self.key = key
        self.restartCount = restartCount
        self.lastEnd = lastEnd
    }

    /// nil for a worker that nobody starts again.
    init?(_ fields: Fields) throws(XMLRPCFault) {
        guard fields.has("supervisor_key") else { return nil }
        key = try fields.word("supervisor_key", byteCountMax: Self.keyByteCountMax)
        restartCount = fields.has("restarts") ? try fields.int("restarts", in: 0...Int(Int32.max)) : 0
        lastEnd =
            fields.has("last_end") ? try fields.text("last_end", byteCountMax: Self.lastEndByteCountMax) : ""
    }

    var members: [String: XMLRPCValue] {
        [
            "supervisor_key": .string(key), "restarts": .int(Int32(clamping: restartCount)),
            "last_end": .string(lastEnd),
        ]
    }
}
