import Certificates
import Testing
import XMLRPC
import XMLRPCTransport

/// Whom clients and servers believe.
@Suite struct TrustTests {
    private static func call(_ server: TestServer, _ tls: ClientTLS) async throws -> XMLRPCValue {
        let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads, tls: tls)
        do {
            let answer = try await client.call("echo", ["hello"], timeout: .seconds(20))
            await client.close()
            return answer
        } catch {
            await client.close()
            throw error
        }
    }

    private static func failure(_ server: TestServer, _ tls: ClientTLS) async -> TransportError? {
        await #expect(throws: TransportError.self) { try await Self.call(server, tls) }
    }

    @Test("A server with another key gets nothing; the client's error has both keys, and the server's log one line")
    func wrongPin() async throws {
        let (certificate, expected) = (try TLSSamples.certificate(), CertificateKey().pin)
        let tls = try TLSSamples.server(certificate)
        let requests = EventList<String>()
        let authorizer = Authorizer { header in
            requests.append(header ?? "")
            return .allowed(role: "")
        }
        try await TestServer.run(authorizer: authorizer, configure: { $0.tls = tls }) { (server) async throws in
            let address = "127.0.0.1:\(server.port)"
            let error = await Self.failure(server, try ClientTLS(trust: .pins([expected])))
            #expect(
                error == .wrongKey(address: address, expected: [expected.description], got: tls.pin.description))
            let lines = try await server.log.lines.wait(for: 1)
            #expect(lines.count == 1 && lines[0].contains("does not accept the certificate of this side"), "\(lines)")
            #expect(try await Self.call(server, ClientTLS(trust: .pins([expected, tls.pin]))) == "hello")
            #expect(requests.all.count == 1, "only the client that knew the key has sent a request")
            #expect(server.log.lines.all.count == 1)
        }
    }

    @Test(
        "A pin outlives the certificate: a renewed one of the same key, long expired and for other names, is the same server"
    )
    func renewal() async throws {
        let key = CertificateKey()
        let old = try SelfSigned(
            key: key, commonName: "old", names: ["other.example"], validFrom: 1_000_000_000, validUntil: 1_000_086_400)
        let tls = try ServerTLS(identity: old.identity())
        try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
            #expect(try await Self.call(server, ClientTLS(trust: .pins([key.pin]))) == "hello")
        }
    }

    @Test(
        "Authorities vouch for a server by its name or address and its dates, and everything else is refused with the reason"
    )
    func authorities() async throws {
        let authority = try await OpenSSLAuthority()
        try await authority.vouchFor("good", name: "IP:127.0.0.1,DNS:good.example")
        try await authority.vouchFor("other", name: "DNS:other.example,IP:127.0.0.9")
        try await authority.vouchFor(
            "expired", name: "IP:127.0.0.1", dates: ("20200101000000Z", "20200301000000Z"))
        try await authority.vouchFor(
            "early", name: "IP:127.0.0.1", dates: ("20990101000000Z", "20990301000000Z"))
        try await authority.selfMade("self", name: "self", extensions: ["subjectAltName=IP:127.0.0.1"])
        let trust = ClientTLS.Trust.authorities(try authority.bytes("ca.pem"))
        for (name, reason) in [
            ("other", "it is made out to other names"), ("expired", "it expired on 2020-03-01"),
            ("early", "it is not valid before 2099-01-01"), ("self", "no trusted authority vouches for it"),
        ] {
            let tls = try ServerTLS(identity: authority.identity(name))
            try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
                let error = await Self.failure(server, try ClientTLS(trust: trust))
                guard case .certificateRefused("127.0.0.1:\(server.port)", let said)? = error else {
                    Issue.record("\(name): \(String(describing: error))")
                    return
                }
                #expect(said.hasPrefix(reason), "\(name)")
            }
        }
        let tls = try ServerTLS(identity: authority.identity("good"))
        try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
            #expect(try await Self.call(server, ClientTLS(trust: trust)) == "hello")
            #expect(try await Self.call(server, ClientTLS(trust: trust, serverName: "good.example")) == "hello")
            let other = await Self.failure(server, try ClientTLS(trust: trust, serverName: "bad.example"))
            #expect(
                other
                    == .certificateRefused(
                        address: "127.0.0.1:\(server.port)", reason: "it is made out to other names"))
            let system = await Self.failure(server, try ClientTLS(trust: .systemAuthorities))
            #expect(
                system
                    == .certificateRefused(
                        address: "127.0.0.1:\(server.port)", reason: "no trusted authority vouches for it"))
        }
    }

    @Test("Our own certificate is enough to know our server by, name and address included")
    func ownCertificate() async throws {
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
            let trust = ClientTLS.Trust.authorities(Array(certificate.pem.utf8))
            #expect(try await Self.call(server, ClientTLS(trust: trust)) == "hello")
            #expect(try await Self.call(server, ClientTLS(trust: trust, serverName: "localhost")) == "hello")
        }
    }

    @Test("A server that asks for certificates takes those of its authority, and says why it takes no others")
    func clientCertificates() async throws {
        let authority = try await OpenSSLAuthority()
        try await authority.vouchFor("client", name: "DNS:client.example")
        try await authority.selfMade("self", name: "self", extensions: [])
        let certificate = try TLSSamples.certificate()
        let tls = try ServerTLS(identity: certificate.identity(), clientAuthorities: authority.bytes("ca.pem"))
        let trust = ClientTLS.Trust.pins([tls.pin])
        try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
            let known = try ClientTLS(trust: trust, identity: authority.identity("client"))
            #expect(try await Self.call(server, known) == "hello")
            let nobody = await Self.failure(server, try ClientTLS(trust: trust))
            #expect(
                nobody
                    == .handshakeFailed(
                        address: "127.0.0.1:\(server.port)",
                        reason: "127.0.0.1:\(server.port) asks for a certificate of this side"))
            let stranger = await Self.failure(
                server, try ClientTLS(trust: trust, identity: authority.identity("self")))
            guard case .handshakeFailed(_, let reason)? = stranger else {
                Issue.record("\(String(describing: stranger))")
                return
            }
            #expect(reason.contains("does not accept the certificate of this side"))
            let lines = try await server.log.lines.wait(for: 2)
            #expect(lines[0].contains("the client showed no certificate, and must"), "\(lines)")
            #expect(lines[1].contains("the client's certificate is refused: no trusted authority"), "\(lines)")
            #expect(lines.count == 2)
        }
    }

    @Test("Certificates and keys that can't be used are refused with what is wrong with them")
    func badFiles() async throws {
        let authority = try await OpenSSLAuthority()
        try await authority.selfMade("one", name: "one", extensions: [])
        try await authority.selfMade("two", name: "two", extensions: [])
        try await Tool.succeed(
            ["openssl", "pkey", "-in", "one.key", "-aes128", "-passout", "pass:secret", "-out", "locked.key"],
            in: authority.folder)
        let (certificate, key) = (try authority.bytes("one.pem"), try authority.bytes("one.key"))
        #expect(throws: TLSSetupError.keyOfAnotherCertificate) { try authority.identity("one", key: "two") }
        #expect(throws: TLSSetupError.keyNeedsPassword) { try authority.identity("one", key: "locked") }
        #expect(throws: TLSSetupError.noCertificate) { try TLSIdentity(certificates: key, key: key) }
        #expect(throws: TLSSetupError.noCertificate) { try TLSIdentity(certificates: [], key: key) }
        #expect(throws: TLSSetupError.noKey) { try TLSIdentity(certificates: certificate, key: certificate) }
        #expect(throws: TLSSetupError.unreadableCertificate) {
            try TLSIdentity(certificates: Array(certificate.prefix(200)), key: key)
        }
        #expect(throws: TLSSetupError.unreadableKey) {
            try TLSIdentity(certificates: certificate, key: Array(key.prefix(60)))
        }
        #expect(throws: TLSSetupError.noAuthority) { try ClientTLS(trust: .authorities(Array("nothing".utf8))) }
        #expect(throws: TLSSetupError.unreadableFile(path: "/nowhere/a.pem", reason: "No such file or directory")) {
            try TLSIdentity(certificateFile: "/nowhere/a.pem", keyFile: "/nowhere/a.key")
        }
        _ = try authority.identity("one")
    }
}
