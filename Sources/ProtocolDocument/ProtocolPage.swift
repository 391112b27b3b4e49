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
        var signatures = method.signatures.map { types in
            let parameters = types.dropFirst().map(\.rawValue).joined(separator: ", ")
            return "`\(method.name)(\(parameters))` -> \(types[0].rawValue)"
        }
        if signatures.isEmpty { signatures = ["`\(method.name)(...)`"] }
        return """

            ## \(method.name)

            \(signatures.joined(separator: "; "))

            \(method.help)\(method.role.isEmpty ? "" : " Role: \(method.role).")

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
        let lines = Self.withFixedMembers(exchange).split(separator: "\r\n", omittingEmptySubsequences: false)
        var text = lines.map { $0.hasPrefix("Date: ") ? "Date: Thu, 01 Jan 2026 00:00:00 GMT" : $0 }.joined(
            separator: "\n")
        for secret in [service.token, service.instance].compactMap({ $0 }) {
            text = Self.replace(secret, in: text, by: String(repeating: "0123456789abcdef", count: 2))
        }
        return Self.replace("Host: 127.0.0.1:\(service.port)", in: text, by: "Host: 127.0.0.1:8000")
    }

    /// Members that are others at each start, and may have another length, with the type and what is shown in place of them.
    private static let changing = [
        ("seconds", "double", "0.25"), ("silent_seconds", "double", "0.25"), ("clock", "double", "1795500000.0"),
        ("token", "string", "w2.THE52LETTERSANDDIGITSTHATPROVEIT"), ("secret", "string", "32LETTERSANDDIGITS"),
        ("ticket_key", "base64", "MzIgYnl0ZXM="), ("address", "string", "127.0.0.1:8000"),
        ("engine_id", "string", "4be1d5a07c9f3e62"), ("created_at", "string", "2026-01-01T00:00:00Z"),
        ("limits", "string", "memory by cgroup v2, cpus by cgroup v2"),
    ]

    private static func withFixedMembers(_ exchange: String) -> String {
        guard let end = exchange.firstRange(of: "\r\n\r\n") else { return exchange }
        var body = String(exchange[end.upperBound...])
        for (name, type, shown) in changing {
            let start = "<member><name>\(name)</name><value><\(type)>"
            body = body.split(separator: start, omittingEmptySubsequences: false).enumerated().map { index, part in
                index == 0 ? String(part) : shown + part.drop { $0 != "<" }
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
        A master started with `--no-auth` asks for none. Where other machines can reach it, all of this is TLS 1.3, and people get secrets
        from `mr-ctl token`: one for each role. A worker may join and work; a viewer may look; a submitter may also cancel; an admin, and
        the token, may do everything. What a call or a request needs stands below; what needs nothing is for all who are let in. Wrong
        credentials are answered with status 401, those for something else with fault 102 or status 403.

        `worker.register` answers another token, which is for that worker alone: it is shown from then on, and neither poll, goodbye nor
        uploads of that worker are taken from anybody else, but for an admin. Whoever fetches map output from a worker's data port shows the
        ticket that came with the reduce attempt's source as its Bearer token: `ATTEMPT.WORKER.END.CODE`, where CODE is the base 32
        of the HMAC-SHA256 of what is before its dot, with the holder's `ticket_key`. A source with a `pin` is spoken to by TLS, and its
        key must have that pin: the base 32 of the first 20 bytes of the SHA-256 of its SubjectPublicKeyInfo. A source without an address is the master's to
        serve.

        A worker of the full protocol calls `worker.register` once, then `worker.poll` again and again, at least every
        `heartbeat_seconds`. Each poll carries what is running (the heartbeat), what has ended (the reports) and how much more it
        would take; the answer carries verdicts and assignments, and is held back while there is nothing to say. The same `sequence`
        again is a retry, and gets the same answer. Attempts are named like `1-map-12-3`: job, kind, task, attempt.

        The `input` of a map assignment is one base64 value: the count of files, the files, the count of pieces, the pieces. A file is its
        index less that of the file before (less 0 for the first); its path as the count of bytes that it begins with like the path
        before, the count of the rest, the rest; its name as the count of bytes that it ends with like its own path, the count of what is
        before them, that; its length in bytes; its modification time in nanoseconds since 1970; 0, or what it is unpacked from before records are
        made of it: 1 gzip, 2 bzip2, 3 xz, 4 zstd. A piece is the position of its file in this list, its offset and its length. All numbers are unsigned LEB128 in as few bytes as they need, a time before 1970 as 2^64 less.

        A worker that registers without `address`, `host` and `scratch` has no data port, and need know nothing of the packed input and of what
        lies in map output: see [worker-protocol.md](worker-protocol.md). A worker of the simple calls needs only `register_worker`, `request_task` and
        `complete_task`.

        | HTTP | Role | What it carries |
        |---|---|---|
        | `GET /input/JOB/FILE` | worker | an input file, with a `Range` header for a part; 409 when it has changed since the job was planned |
        | `PUT /output/ATTEMPT` | worker | the part of a reduce attempt whose worker doesn't see the output folder; 409 when it isn't running |
        | `GET /records/ATTEMPT` | worker | what an attempt of a worker without a data port reads, as a program would be given it; 409 when it should hand the attempt back, 422 when it can't do this job |
        | `PUT /pairs/ATTEMPT` | worker | what a map attempt of such a worker makes, as lines `key TAB value`; the same |
        | `GET /pairs/ATTEMPT` | worker | what a reduce attempt of such a worker reads, as sorted lines `key TAB value`; the same |
        | `PUT /logs/ATTEMPT?written=BYTES` | worker | what an attempt's programs wrote to standard error so far, shortened; `&end=failed` or `&end=succeeded` with its end |
        | `GET /logs/TASK` | viewer | a line for each attempt: name, state, bytes written, bytes kept |
        | `GET /logs/ATTEMPT` | viewer | what is kept of the log of an attempt |
        | `GET /intermediate/ATTEMPT/PARTITION` | worker, or a ticket | one partition of a map attempt's output, from the worker that holds it, or from the master; 404 when it is not there, 410 when it is damaged, 412 when `If-Match` gives another checksum (CRC-32C of its index, in hexadecimal, in quotes) than it has: readers send the one that it was announced with |
        | `PUT /intermediate/ATTEMPT` | worker | a map attempt's whole output, which the master had asked for in `hand_over`, to serve it in its worker's place; 409 when it is not wanted (any more), 507 when there is no room |

        Faults: -32700 and below for documents and calls that are wrong (-32601 no such method, -32602 wrong parameters), 100 for a worker
        that must register again, 101 for a limit of the master that was passed; the text says which; 102 for credentials that are for
        something else, 103 for a worker that was sent away and should end.

        """
}
