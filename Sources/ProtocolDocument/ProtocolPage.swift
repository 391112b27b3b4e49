import Master
import XMLRPC

/// docs/protocol.md: the method table of a running master, with one captured exchange per method.
struct ProtocolPage {
    let service: MasterService

    func text() throws -> String {
        var exchanges: [String: RawExchange] = [:]
        for call in ExampleCalls.all(instance: service.instance) { exchanges[call.methodName] = try exchange(call) }
        var page = Self.introduction
        for method in service.methods.methods {
            guard let exchange = exchanges[method.name] else { throw PageError.noExample(method.name) }
            page += section(of: method, exchange)
        }
        return page
    }

    enum PageError: Error {
        case noExample(String)
    }

    private func exchange(_ call: MethodCall) throws -> RawExchange {
        let body = String(decoding: try XMLRPCCodec.encode(call), as: UTF8.self)
        let head = [
            "POST /RPC2 HTTP/1.1", "Host: 127.0.0.1:\(service.port)", "User-Agent: example",
            "Authorization: Bearer \(service.token ?? "")", "Content-Type: text/xml",
            "Content-Length: \(body.utf8.count)",
        ]
        return try RawExchange(port: service.port, request: head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    private func section(of method: Method, _ exchange: RawExchange) -> String {
        let signatures = method.signatures.map { types in
            let parameters = types.dropFirst().map(\.rawValue).joined(separator: ", ")
            return "`\(method.name)(\(parameters))` -> \(types[0].rawValue)"
        }
        return """

            ## \(method.name)

            \(signatures.joined(separator: "; "))

            \(method.help)

            ```
            \(shown(exchange.request))
            ```

            ```
            \(shown(exchange.response))
            ```

            """
    }

    /// What differs from one start to the next is replaced, and the length of the body made to fit.
    private func shown(_ exchange: String) -> String {
        let lines = Self.withFixedTimes(exchange).split(separator: "\r\n", omittingEmptySubsequences: false)
        var text = lines.map { $0.hasPrefix("Date: ") ? "Date: Thu, 01 Jan 2026 00:00:00 GMT" : $0 }.joined(
            separator: "\n")
        for secret in [service.token, service.instance].compactMap({ $0 }) {
            text = Self.replace(secret, in: text, by: String(repeating: "0123456789abcdef", count: 2))
        }
        return Self.replace("Host: 127.0.0.1:\(service.port)", in: text, by: "Host: 127.0.0.1:8000")
    }

    /// How long something took is another at each start, and may have another number of digits.
    private static func withFixedTimes(_ exchange: String) -> String {
        guard let end = exchange.firstRange(of: "\r\n\r\n") else { return exchange }
        var body = String(exchange[end.upperBound...])
        for name in ["seconds", "silent_seconds"] {
            let start = "<member><name>\(name)</name><value><double>"
            body = body.split(separator: start, omittingEmptySubsequences: false).enumerated().map { index, part in
                index == 0 ? String(part) : "0.25" + part.drop { $0 != "<" }
            }.joined(separator: start)
        }
        let head = exchange[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false).map { line in
            line.lowercased().hasPrefix("content-length:")
                ? "\(line.prefix("content-length:".count)) \(body.utf8.count)" : String(line)
        }
        return head.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static func replace(_ part: String, in text: String, by other: String) -> String {
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: part) {
            result += rest[..<range.lowerBound] + other
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    private static let introduction = """
        # The protocol

        Everything that controls is XML-RPC, by `POST /RPC2`; everything bulky is plain HTTP on the same port. This page is written
        by `make docs` from the method table of a running master, and a test compares it with what the master really answers.

        A caller sends the token that the master left in `~/.local/state/swift-mapreduce/HOST-PORT`, as `Authorization: Bearer TOKEN`
        or as the password of Basic with any user name (`http://mr:TOKEN@127.0.0.1:8000` in most clients); without it the answer is 401.
        A master started with `--no-auth` asks for none.

        A worker of the full protocol calls `worker.register` once, then `worker.poll` again and again, at least every
        `heartbeat_seconds`. Each poll carries what is running (the heartbeat), what has ended (the reports) and how much more it
        would take; the answer carries verdicts and assignments, and is held back while there is nothing to say. The same `sequence`
        again is a retry, and gets the same answer. Attempts are named like `1-map-12-3`: job, kind, task, attempt.

        The `input` of a map assignment is one base64 value: the count of files, the files, the count of pieces, the pieces. A file is its
        index less that of the file before (less 0 for the first); its path as the count of bytes that it begins with like the path
        before, the count of the rest, the rest; its name as the count of bytes that it ends with like its own path, the count of what is
        before them, that; its length in bytes; its modification time in nanoseconds since 1970. A piece is the position of its file in
        this list, its offset and its length. All numbers are unsigned LEB128 in as few bytes as they need, a time before 1970 as 2^64 less.

        A worker of the simple calls needs only `register_worker`, `request_task` and `complete_task`.

        | HTTP | What it carries |
        |---|---|
        | `GET /input/JOB/FILE` | an input file, with a `Range` header for a part; 409 when it has changed since the job was planned |
        | `PUT /output/ATTEMPT` | the part of a reduce attempt whose worker doesn't see the output folder; 409 when it isn't running |
        | `PUT /logs/ATTEMPT?written=BYTES` | what an attempt's programs wrote to standard error so far, shortened; `&end=failed` or `&end=succeeded` with its end |
        | `GET /logs/TASK` | a line for each attempt: name, state, bytes written, bytes kept |
        | `GET /logs/ATTEMPT` | what is kept of the log of an attempt |
        | `GET /intermediate/ATTEMPT/PARTITION` | one partition of a map attempt's output, from the worker that holds it, or from the master; 404 when it is not there, 410 when it is damaged, 412 when `If-Match` gives another checksum (CRC-32C of its index, in hexadecimal, in quotes) than it has: readers send the one that it was announced with |
        | `PUT /intermediate/ATTEMPT` | a map attempt's whole output, which the master had asked for in `hand_over`, to serve it in its worker's place; 409 when it is not wanted (any more), 507 when there is no room |

        Faults: -32700 and below for documents and calls that are wrong (-32601 no such method, -32602 wrong parameters), 100 for a worker
        that must register again, 101 for a limit of the master that was passed; the text says which.

        """
}
