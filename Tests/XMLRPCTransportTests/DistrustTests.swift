import Foundation
import Testing
import XMLRPC
import XMLRPCTransport

@Suite struct DistrustTests {
    @Test("Nothing is sent to a server that is not to be trusted, and the error says why")
    func distrusted() async throws {
        let requests = EventList<String>()
        let authorizer = Authorizer { header in
            requests.append(header ?? "")
            return .allowed(role: "")
        }
        try await TestServer.run(authorizer: authorizer) { (server) async throws in
            var configuration = HTTPClientConfiguration()
            configuration.distrust = { $0 == "127.0.0.1" ? "it is somebody else's" : nil }
            let client = HTTPClient(
                host: "127.0.0.1", port: server.port, authorization: "Bearer secret", threads: server.threads,
                configuration: configuration)
            let address = "127.0.0.1:\(server.port)"
            for _ in 0..<3 {
                await #expect(
                    throws: TransportError.distrusted(address: address, reason: "it is somebody else's")
                ) {
                    try await client.call("echo", [1], timeout: .seconds(20))
                }
            }
            await client.close()
            let trusting = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            #expect(try await trusting.call("echo", [1], timeout: .seconds(20)) == .int(1))
            await trusting.close()
            #expect(try await requests.wait(for: 1) == [""])
        }
    }

    @Test("A server that asks nobody for credentials does nothing for pages in browsers, if it was told so")
    func pages() async throws {
        for (servesPages, status) in [(true, 200), (false, 403)] {
            try await TestServer.run(configure: { $0.servesPages = servesPages }) { (server) async throws in
                for line in ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site", "sec-fetch-site: same-site"] {
                    let connection = try RawConnection(port: server.port)
                    try connection.send("POST /RPC2 HTTP/1.1\r\nHost: a\r\n\(line)\r\nContent-Length: 0\r\n\r\n")
                    #expect(try await connection.receiveAnswer().status == status, "\(line)")
                }
                for line in ["Sec-Fetch-Site: none", "Sec-Fetch-Site: same-origin"] {
                    let connection = try RawConnection(port: server.port)
                    try connection.send("POST /RPC2 HTTP/1.1\r\nHost: a\r\n\(line)\r\nContent-Length: 0\r\n\r\n")
                    #expect(try await connection.receiveAnswer().status == 200, "\(line)")
                }
            }
        }
    }

    @Test(
        "A server that answers to no names is called by its address or localhost",
        arguments: [
            ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("localhost:8000", 200), ("LOCALHOST", 200),
            ("10.0.0.5", 200),
            ("evil.example", 403), ("pc7:8000", 403), ("x.corp1", 403), ("127.0.0.1.evil.example:80", 403),
        ])
    func names(host: String, status: Int) async throws {
        try await TestServer.run(configure: { $0.answersToNames = false }) { (server) async throws in
            let connection = try RawConnection(port: server.port)
            try connection.send("POST /RPC2 HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 0\r\n\r\n")
            #expect(try await connection.receiveAnswer().status == status)
        }
    }

    @Test("Whoever is let in only to be told no counts as one without credentials")
    func strangers() async throws {
        let authorizer = Authorizer(strangersRole: "sent away") { header in
            header == nil ? .asked : .allowed(role: header == "Bearer right" ? "" : "sent away")
        }
        try await TestServer.run(
            authorizer: authorizer, configure: { $0.unauthenticatedConnectionsMax = 1 }
        ) { (server) async throws in
            func call(_ token: String, over connection: RawConnection) async throws -> Int {
                try connection.send(
                    "POST /RPC2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nContent-Length: 0\r\n\r\n")
                return try await connection.receiveAnswer().status
            }
            let stranger = try RawConnection(port: server.port)
            #expect(try await call("old", over: stranger) == 200)
            let next = try RawConnection(port: server.port)
            #expect(try await next.receiveAnswer().status == 503, "the only place is taken")
            #expect(try await call("right", over: stranger) == 200)
            let late = try RawConnection(port: server.port)
            #expect(try await call("right", over: late) == 200)
        }
    }

    @Test("Keys of kinds that no client here could speak to are refused by name", arguments: ["Ed25519", "P-521"])
    func keyKinds(kind: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kinds-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { unlinkAll(folder) }
        let algorithm =
            kind == "Ed25519" ? ["-newkey", "ed25519"] : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"]
        try await Tool.succeed(
            [
                "openssl", "req", "-x509", "-nodes", "-subj", "/CN=a", "-keyout", folder + "/key", "-out",
                folder + "/cert",
            ]
                + algorithm)
        #expect(throws: TLSSetupError.unsupportedKey(kind: kind)) {
            try TLSIdentity(certificateFile: folder + "/cert", keyFile: folder + "/key")
        }
    }

    private func unlinkAll(_ folder: String) {
        // Whatever stays is in the temporary folder.
        try? FileManager.default.removeItem(atPath: folder)
    }
}
