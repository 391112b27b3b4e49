import Glibc
import XMLRPC

/// What is read and written: as many types as a call of a kilobyte has room for, and large answers of two shapes.
enum SampleDocuments {
    static let call = MethodCall(
        methodName: "job.report",
        parameters: [
            "worker-17.example.net",
            [
                "task": 4711, "attempt": 2, "done": true, "ratio": 0.75, "began": .dateTime("20261121T14:08:55"),
                "files": ["part-00000", "part-00001", "part-00002"],
                "checksum": .base64(Array("0123456789abcdef".utf8)),
                "note": "read & merged <3 runs>",
            ],
        ])

    /// 100,000 members in one struct.
    static let flat = MethodResponse.value(
        .structure(
            Dictionary(
                uniqueKeysWithValues: (0..<100_000).map { number in
                    ("member-\(number)", .string("a text of forty characters, number \(number)"))
                })))

    /// 100,000 members in 10,000 structs.
    static let rows = MethodResponse.value(
        .array(
            (0..<10_000).map { number in
                .structure([
                    "id": .int(Int32(number)), "name": "row \(number) of the table", "isActive": true,
                    "ratio": .double(Double(number) / 8), "comment": "a comment of some thirty-two characters",
                    "created": .dateTime("20261121T14:08:55"), "owner": "somebody@example.net",
                    "payload": .base64(Array("0123456789abcdef0123456789abcdef".utf8)),
                    "location": "warehouse 17, shelf 4, from the left", "remaining": .int(Int32(number * 7)),
                ])
            }))

    static func write(to folder: String) throws {
        try write(XMLRPCCodec.encode(call), to: "\(folder)/call.xml")
        try write(XMLRPCCodec.encode(flat), to: "\(folder)/flat.xml")
        try write(XMLRPCCodec.encode(rows), to: "\(folder)/rows.xml")
        let echo = MethodCall(methodName: "echo", parameters: ["to be or not to be"])
        try write(XMLRPCCodec.encode(echo), to: "\(folder)/echo.xml")
        let large = MethodCall(methodName: "echo", parameters: [call.parameters[1]])
        try write(XMLRPCCodec.encode(large), to: "\(folder)/struct.xml")
    }

    static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw FileProblem(path: path) }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let byteCount = ftell(file)
        rewind(file)
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            count = fread(buffer.baseAddress, 1, byteCount, file)
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "w") else { throw FileProblem(path: path) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw FileProblem(path: path) }
    }
}

struct FileProblem: Error {
    let path: String
}
