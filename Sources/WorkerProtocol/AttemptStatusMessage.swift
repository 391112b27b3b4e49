import Model
import XMLRPC

/// How what programs say of themselves travels in `worker.poll`.
enum AttemptStatusMessage {
    static func value(of status: AttemptStatus) -> XMLRPCValue {
        ["attempt": .string(status.attempt.name), "text": .base64(status.text)]
    }

    /// Those of one poll, which mostly has none.
    static func statuses(from poll: Fields) throws(XMLRPCFault) -> [AttemptStatus] {
        guard poll.has("statuses") else { return [] }
        var statuses: [AttemptStatus] = []
        for item in try poll.structs("statuses", countMax: ProtocolLimits.runningMax) {
            statuses.append(
                AttemptStatus(
                    attempt: try ReportMessage.attempt(named: item.string("attempt", byteCountMax: 64)),
                    text: try item.bytes("text", byteCountMax: AttemptStatus.byteCountMax)))
        }
        return statuses
    }
}
