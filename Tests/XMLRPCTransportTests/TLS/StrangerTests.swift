import Certificates
import Testing
import XMLRPC
@testable import XMLRPCTransport

/// Whoever does not speak what the port speaks, or never gets to the point.
@Suite struct StrangerTests {
    @Test("Plain HTTP to a TLS port is answered in plain HTTP with what to do, and logged once")
    func plainToTLS() async throws {
        let tls = try TLSSamples.server(TLSSamples.certificate())
        try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
            let raw = try RawConnection(port: server.port)
            try raw.send(Requests.post(Requests.echo))
            let answer = try await raw.receiveAnswer()
            #expect(answer.status == 400)
            #expect(answer.text.contains("this port speaks TLS: use https://"))
            raw.endSending()
            #expect(try await raw.receiveUntilClosed() == [])
            let lines = try await server.log.lines.wait(for: 1)
            #expect(
                lines.count == 1 && lines[0].contains("the client speaks plain HTTP, and this port TLS"), "\(lines)")
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            await #expect(throws: TransportError.speaksTLS(address: client.address)) {
                try await client.call("echo", [1], timeout: .seconds(20))
            }
            await client.close()
            let nonsense = try RawConnection(port: server.port)
            try nonsense.send([0, 1, 2, 3])
            #expect(try await nonsense.receiveUntilClosed() == [])
            let all = try await server.log.lines.wait(for: 3)
            #expect(all.count == 3 && all[2].contains("the client speaks neither TLS nor HTTP"), "\(all)")
        }
    }

    @Test("TLS to a plain port is told so: by the client to its caller, and by the server in one line")
    func tlsToPlain() async throws {
        try await TestServer.run { (server) async throws in
            let client = HTTPClient(
                host: "127.0.0.1", port: server.port, threads: server.threads,
                tls: try ClientTLS(trust: .pins([CertificateKey().pin])))
            await #expect(throws: TransportError.speaksPlainHTTP(address: client.address)) {
                try await client.call("echo", [1], timeout: .seconds(20))
            }
            await client.close()
            let lines = try await server.log.lines.wait(for: 1)
            #expect(lines.count == 1 && lines[0].contains("this port speaks plain HTTP, not TLS"), "\(lines)")
        }
    }

    @Test("A server that says nothing in the handshake, and one that goes away in it, are told from each other")
    func silentServers() async throws {
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        var configuration = HTTPClientConfiguration()
        configuration.connectTimeout = .milliseconds(200)
        let tls = try ClientTLS(trust: .pins([CertificateKey().pin]))
        // Reads for ever: what comes is no request.
        let silent = try ScriptedServer([["never"]])
        let client = HTTPClient(
            host: "127.0.0.1", port: silent.port, threads: threads, configuration: configuration, tls: tls)
        let error = await #expect(throws: TransportError.self) {
            try await client.call("echo", [1], timeout: .seconds(20))
        }
        #expect(error == .timedOut(address: client.address, phase: .handshaking, after: .milliseconds(200)))
        await client.close()
        let gone = try ScriptedServer([[]])
        let other = HTTPClient(host: "127.0.0.1", port: gone.port, threads: threads, tls: tls)
        await #expect(throws: TransportError.closed(address: other.address)) {
            try await other.call("echo", [1], timeout: .seconds(20))
        }
        await other.close()
        try await threads.shutdown()
    }

    @Test("A handshake that is not done in time ends with one line, whether it has begun or not")
    func slowHandshake() async throws {
        let tls = try TLSSamples.server(TLSSamples.certificate())
        let configure: (inout HTTPServerConfiguration) -> Void = {
            $0.tls = tls
            $0.handshakeDeadline = .milliseconds(100)
        }
        try await TestServer.run(configure: configure) { (server) async throws in
            let silent = try RawConnection(port: server.port)
            #expect(try await silent.receiveUntilClosed() == [])
            let begun = try RawConnection(port: server.port)
            // The head of a handshake record of 512 bytes, and some of them.
            try begun.send([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC])
            #expect(try await begun.receiveUntilClosed() == [])
            let lines = try await server.log.lines.wait(for: 2)
            #expect(
                lines.count == 2 && lines.allSatisfy { $0.contains("the handshake was not done within") }, "\(lines)")
        }
    }

    @Test("300 handshakes that never end hold up neither those who are in nor, for long, those who come")
    func manySlowHandshakes() async throws {
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(configure: {
            $0.tls = tls
            $0.handshakesMax = 256
        }) { (server) async throws in
            let trust = try ClientTLS(trust: .pins([tls.pin]))
            let early = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads, tls: trust)
            #expect(try await early.call("echo", [1], timeout: .seconds(20)) == 1)
            var slow: [RawConnection] = []
            for index in 0..<300 {
                let connection = try RawConnection(port: server.port, timeoutSeconds: 60)
                if index % 2 == 0 { try connection.send([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC]) }
                slow.append(connection)
            }
            #expect(try await early.call("echo", [2], timeout: .seconds(20)) == 2)
            let late = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads, tls: trust)
            #expect(try await late.call("echo", [3], timeout: .seconds(60)) == 3)
            #expect(server.server.handshakeCount <= 256)
            for connection in slow { #expect(try await connection.receiveUntilClosed() == []) }
            #expect(server.log.lines.all.allSatisfy { $0.contains("no TLS with a client") })
            #expect(try await early.call("echo", [4], timeout: .seconds(20)) == 4)
            await early.close()
            await late.close()
        }
    }

    @Test("Never more handshakes at a time than there are places, and all who come get their turn")
    func places() async throws {
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(configure: {
            $0.tls = tls; $0.handshakesMax = 2
        }) { (server) async throws in
            let trust = try ClientTLS(trust: .pins([tls.pin]))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let client = HTTPClient(
                            host: "127.0.0.1", port: server.port, threads: server.threads, tls: trust)
                        let answer = try await client.call("echo", [1], timeout: .seconds(60))
                        #expect(answer == 1 && server.server.handshakeCount <= 2)
                        await client.close()
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.server.handshakeCount == 0)
        }
    }

    @Test("A server can be stopped while it waits for places")
    func stopWhileFull() async throws {
        let tls = try TLSSamples.server(TLSSamples.certificate())
        let slow = try await TestServer.run(configure: {
            $0.tls = tls; $0.handshakesMax = 2
        }) { (server) async throws in
            let slow = try (0..<5).map { _ in try RawConnection(port: server.port) }
            for _ in 0..<2_000 where server.server.handshakeCount < 2 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(server.server.handshakeCount == 2)
            return slow
        }
        for connection in slow { #expect(try await connection.receiveUntilClosed() == []) }
    }
}
