import DataProtocol
import Objects
import XMLRPC

// What other workers ask.

extension DataWorkerCalls {
    /// Of the small objects in one answer, together.
    static let smallAnswerByteCountMax = 2 << 20
    static let objectCountMax = 10_000

    var getObjects: Method {
        .eventual(
            "get_objects", [[.array, .array, .int]],
            help: """
                Answers objects as they are kept, for other workers. Takes an array of keys (at most \(Self.objectCountMax)) and a number of bytes. Answers an array for each \
                key: empty where it is not here, else tag ('value' or 'bytes'), nbytes (double), digest (string: CRC-32C in hexadecimal) and, of an object of at most \
                that many bytes, its bytes, as long as the answer has room (\(Self.smallAnswerByteCountMax) bytes). GET /objects/HEX brings the others.
                """
        ) { parameters in
            let keys = try KeyedValues.keys(parameters[0])
            guard keys.count <= Self.objectCountMax else {
                throw DataFault.invalid("\(keys.count) keys in one call; \(Self.objectCountMax) are the most")
            }
            let limit = min(parameters[1].asInt ?? 0, DataWorkerState.smallByteCountMax)
            var room = Self.smallAnswerByteCountMax
            return .array(
                try keys.map { key in
                    guard let info = state.store.info(of: key) else { return ObjectMessage.absent }
                    // There is always room for the first.
                    guard info.byteCount <= limit, info.byteCount <= room else { return ObjectMessage(info).value }
                    guard let body = try state.store.reader(of: key) else { return ObjectMessage.absent }
                    // It may be another by now.
                    guard body.info.byteCount <= limit, body.info.byteCount <= room else {
                        return ObjectMessage(body.info).value
                    }
                    room -= body.info.byteCount
                    return ObjectMessage(body.info, bytes: try body.bytes(byteCountMax: limit)).value
                })
        }
    }
}
