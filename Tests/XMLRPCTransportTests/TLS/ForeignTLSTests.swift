import KeyPins
import Certificates
import Foundation
import Testing
import XMLRPC
@testable import XMLRPCTransport

/// Other people's TLS on the other side.
@Suite struct ForeignTLSTests {
    /// A file with the certificate, for as long as `body` runs.
    private static func withCertificateFile(
        _ certificate: SelfSigned, _ body: (_ path: String) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString).pem").path
        try Data(certificate.pem.utf8).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        try await body(path)
    }

    @Test("Python's ServerProxy calls over TLS with nothing but our certificate, and is refused without it")
    func pythonClient() async throws {
        let script = """
            import ssl, sys, xmlrpc.client
            port, path = sys.argv[1:]
            context = ssl.create_default_context(cafile=path)
            for host in ["127.0.0.1", "localhost"]:
                proxy = xmlrpc.client.ServerProxy("https://mr:right@%s:%s/" % (host, port), context=context)
                for value in [1, "a <&> é", "x" * 300000, [1, ["y"]]]:
                    assert proxy.echo(value) == value
            try:
                xmlrpc.client.ServerProxy("https://mr:wrong@127.0.0.1:%s/" % port, context=context).echo(1)
                sys.exit("wrong password taken")
            except xmlrpc.client.ProtocolError as error:
                assert error.errcode == 401, error
            try:
                xmlrpc.client.ServerProxy("https://127.0.0.1:%s/" % port).echo(1)
                sys.exit("nobody vouched for it")
            except ssl.SSLCertVerificationError:
                pass
            old = ssl.create_default_context(cafile=path)
            old.maximum_version = ssl.TLSVersion.TLSv1_2
            try:
                xmlrpc.client.ServerProxy("https://mr:right@127.0.0.1:%s/" % port, context=old).echo(1)
                sys.exit("TLS 1.2 taken")
            except ssl.SSLError as error:
                assert "PROTOCOL_VERSION" in str(error), error
            """
        let right = "Basic " + Data("mr:right".utf8).base64EncodedString()
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await Self.withCertificateFile(certificate) { (path) async throws in
            try await TestServer.run(
                authorizer: .only(right), configure: { $0.tls = tls }
            ) { (server) async throws in
                try await Tool.succeed(["python3", "-c", script, "\(server.port)", path])
                let lines = try await server.log.lines.wait(for: 3)
                #expect(lines.count == 3, "\(lines)")
                #expect(lines.contains { $0.contains("does not accept the certificate of this side") }, "\(lines)")
            }
        }
    }

    @Test("TLS 1.2 is spoken where it is allowed")
    func version12() async throws {
        let script = """
            import ssl, sys, xmlrpc.client
            context = ssl.create_default_context(cafile=sys.argv[2])
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            assert xmlrpc.client.ServerProxy("https://127.0.0.1:%s/" % sys.argv[1], context=context).echo("x") == "x"
            """
        let certificate = try TLSSamples.certificate()
        let tls = try ServerTLS(identity: certificate.identity(), allowsVersion12: true)
        try await Self.withCertificateFile(certificate) { (path) async throws in
            try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
                let output = try await Tool.succeed(["python3", "-c", script, "\(server.port)", path])
                #expect(output == "")
            }
        }
    }

    @Test("curl agrees on HTTP/1.1 and TLS 1.3, and gets a file, with our certificate or with our key's own pin")
    func curl() async throws {
        let file = try ScratchFile(Array(repeating: UInt8(ascii: "x"), count: 600_000))
        let route = Route.get("/file") { _ in
            .file(FileAnswer(descriptor: try file.duplicate(), offset: 0, byteCount: 600_000))
        }
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await Self.withCertificateFile(certificate) { (path) async throws in
            try await TestServer.run(routes: [route], configure: { $0.tls = tls }) { (server) async throws in
                let url = "https://localhost:\(server.port)/file"
                let output = try await Tool.succeed(["curl", "-sSv", "--cacert", path, "-o", "/dev/null", url])
                #expect(
                    output.contains("ALPN: server accepted http/1.1") || output.contains("accepted to use http/1.1"))
                #expect(output.contains("TLSv1.3"))
                let body = try await Tool.succeed(["curl", "-sS", "--cacert", path, url])
                #expect(body.utf8.count == 600_000)
                let stranger = try await Tool.run(["curl", "-sS", url])
                #expect(stranger.status != 0)
            }
        }
    }

    @Test(
        "A client that ends its sending behind its request gets its answer, and one that just goes away disturbs nobody"
    )
    func halfClosure() async throws {
        let script = """
            import socket, ssl, sys
            port, path = int(sys.argv[1]), sys.argv[2]
            context = ssl.create_default_context(cafile=path)
            plain = socket.create_connection(("127.0.0.1", port), timeout=20)
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
            def exchange(step):
                while True:
                    try:
                        return step()
                    except ssl.SSLWantReadError:
                        plain.sendall(outgoing.read())
                        data = plain.recv(65536)
                        assert data, "the server closed"
                        incoming.write(data)
            exchange(tls.do_handshake)
            tls.write(b"GET /text HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
            try:
                tls.unwrap()
            except ssl.SSLWantReadError:
                pass
            plain.sendall(outgoing.read())
            plain.shutdown(socket.SHUT_WR)
            received = b""
            while b"the answer" not in received:
                data = plain.recv(65536)
                assert data, received
                incoming.write(data)
                try:
                    received += tls.read(65536)
                except ssl.SSLWantReadError:
                    pass
            gone = context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost")
            gone.sendall(b"GET /te")
            gone.detach()
            """
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        let route = Route.get("/text") { _ in .status(200, "the answer") }
        try await Self.withCertificateFile(certificate) { (path) async throws in
            try await TestServer.run(routes: [route], configure: { $0.tls = tls }) { (server) async throws in
                try await Tool.succeed(["python3", "-c", script, "\(server.port)", path])
                let client = HTTPClient(
                    host: "127.0.0.1", port: server.port, threads: server.threads,
                    tls: try ClientTLS(trust: .pins([tls.pin])))
                #expect(try await client.call("echo", [1], timeout: .seconds(20)) == 1)
                await client.close()
            }
        }
    }

    @Test("Our client takes no answer for whole that ends without TLS's own end")
    func truncation() async throws {
        let script = """
            import socket, ssl, sys
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1], sys.argv[2])
            listener = socket.create_server(("127.0.0.1", 0))
            print(listener.getsockname()[1], flush=True)
            for answer in [b"Content-Length: 5\\r\\n\\r\\nhello", b"\\r\\nhel"]:
                tls = context.wrap_socket(listener.accept()[0], server_side=True)
                tls.recv(65536)
                tls.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n" + answer)
                plain = tls.detach()
                socket.socket(fileno=plain).shutdown(socket.SHUT_RDWR)
            """
        let authority = try await OpenSSLAuthority()
        try await authority.selfMade("one", name: "one", extensions: [])
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, authority.path("one.pem"), authority.path("one.key")]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        let output = pipe.fileHandleForReading
        let line = try await onThread { String(decoding: output.availableData, as: UTF8.self) }
        let port = try #require(Int(line.filter(\.isNumber)))
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let pin = try KeyPin(certificate: authority.bytes("one.pem"))
        let client = HTTPClient(
            host: "127.0.0.1", port: port, threads: threads, tls: try ClientTLS(trust: .pins([pin])))
        #expect(try await client.get("/", byteCountMax: 100, timeout: .seconds(20)) == Array("hello".utf8))
        let error = await #expect(throws: TransportError.self) {
            try await client.get("/", byteCountMax: 100, timeout: .seconds(20))
        }
        #expect(error == .closed(address: client.address))
        await client.close()
        try await threads.shutdown()
    }
}
