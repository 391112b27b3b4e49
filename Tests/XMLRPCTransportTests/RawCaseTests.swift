import Testing
import XMLRPCTransport

@Suite struct RawCaseTests {
    @Test("There are as many cases as there should be, each with its rule")
    func table() throws {
        let cases = try RawCase.all()
        #expect(cases.count >= 250)
        #expect(Set(cases.map(\.name)).count == cases.count)
        #expect(cases.allSatisfy { !$0.rule.isEmpty && (!$0.statuses.isEmpty || $0.closes) })
    }

    @Test("What is sent is answered as the rules say", arguments: try RawCase.all())
    func answers(_ rawCase: RawCase) async throws {
        try await TestServer.run(
            routes: RawCaseTests.routes, configure: { RawCaseTests.configure(&$0, rawCase.settings) }
        ) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(rawCase.send)
            var last = RawAnswer(head: "")
            for (index, status) in rawCase.statuses.enumerated() {
                last = try await connection.receiveAnswer(toHead: rawCase.send.starts(with: Array("HEAD ".utf8)))
                #expect(last.status == status, "\(rawCase.rule)")
                if index == 0 { try connection.send(rawCase.then) }
            }
            expect(last, matches: rawCase)
            if rawCase.closes {
                let rest = try await connection.receiveUntilClosed()
                #expect(rest == [], "nothing follows; \(rawCase.rule)")
            } else {
                try connection.send(Requests.post(Requests.echo))
                #expect(
                    try await connection.receiveAnswer().status == 200,
                    "the connection can be used again; \(rawCase.rule)")
            }
            expectOneLogLine(of: rawCase, server)
        }
    }

    private func expect(_ answer: RawAnswer, matches rawCase: RawCase) {
        if let header = rawCase.header {
            #expect(
                answer.head.lowercased().contains("\r\n\(header.lowercased())\r\n"), "\(rawCase.rule): \(answer.head)")
        }
        if let text = rawCase.text { #expect(answer.text.contains(text), "\(rawCase.rule): \(answer.text)") }
        if rawCase.closes, answer.status >= 400 { #expect(answer.header("Connection") == "close") }
    }

    private func expectOneLogLine(of rawCase: RawCase, _ server: TestServer) {
        let refusals = rawCase.statuses.filter { $0 >= 400 }.count
        let lines = server.log.lines.all
        #expect(lines.count == refusals, "one line for each refusal: \(lines)")
        #expect(lines.allSatisfy { $0.utf8.count < 400 && $0.utf8.allSatisfy { (0x20..<0x7f).contains($0) } })
    }

    private static func configure(_ configuration: inout HTTPServerConfiguration, _ settings: [String: Duration]) {
        configuration.bodyByteCountMax = 100_000
        for (name, duration) in settings {
            switch name {
            case "head": configuration.headerDeadline = duration
            case "body": configuration.bodyWindow = duration
            case "idle": configuration.idleTimeout = duration
            default: Issue.record("a case sets '\(name)', which is no limit")
            }
        }
    }

    private static let routes: [Route] = [
        .get("/page") { _ in .bytes(Array("a page\n".utf8), contentType: "text/plain") },
        .get("/below/*") { request in .status(200, request.components.joined(separator: "|")) },
        .put("/upload") { _ in .refuse(409, "no uploads here") },
    ]
}
