import Certificates
import Foundation
import TestSupport
import Testing
import XMLRPC
import XMLRPCHTTP

@Suite struct TLSTests {
    /// A certificate for `names` and its key in files of a folder.
    private struct Files {
        let folder: TemporaryFolder
        let certificate: String
        let key: String

        init(names: [String] = ["127.0.0.1", "localhost"]) throws {
            let now = Int64(Date().timeIntervalSince1970)
            let newKey = CertificateKey()
            let made = try SelfSigned(
                key: newKey, commonName: "test", names: names, validFrom: now - 86_400, validUntil: now + 86_400)
            folder = try TemporaryFolder()
            certificate = folder.write("server.pem", made.pem)
            key = folder.write("server.key", newKey.pem)
        }

        func server(clientAuthoritiesFile: String? = nil) throws -> XMLRPCServerTLS {
            try XMLRPCServerTLS(
                certificateFile: certificate, keyFile: key, clientAuthoritiesFile: clientAuthoritiesFile)
        }
    }

    private static func client(_ url: String, _ tls: XMLRPCClientTLS?) throws -> XMLRPCClient {
        var configuration = XMLRPCClientConfiguration()
        configuration.tls = tls
        return try XMLRPCClient(url, configuration: configuration, logger: quietLogger)
    }

    private static func sum(_ url: String, _ tls: XMLRPCClientTLS?) async throws -> Int {
        let client = try client(url, tls)
        do {
            let sum: Int = try await client.call("add", 2, 3)
            await client.close()
            return sum
        } catch {
            await client.close()
            throw error
        }
    }

    @Test(
        "A server with a certificate is called by https: by those who have the certificate, and those who know its key")
    func trusted() async throws {
        let files = try Files()
        let tls = try files.server()
        let server = XMLRPCServer(port: 0, methods: sampleMethods, tls: tls, logger: quietLogger)
        try await withServer(server) { (address) async throws in
            #expect(address.isEncrypted && "\(address)" == "https://127.0.0.1:\(address.port)/RPC2")
            let byFile = try XMLRPCClientTLS(trust: .authorities(file: files.certificate))
            #expect(try await Self.sum("\(address)", byFile) == 5)
            #expect(try await Self.sum("HTTPS://localhost:\(address.port)", byFile) == 5)
            let byKey = try XMLRPCClientTLS(trust: .keys([tls.keyPin]))
            #expect(try await Self.sum("\(address)", byKey) == 5)
        }
    }

    @Test("Whom nobody vouches for gets no call, and whoever speaks plain HTTP is told; neither is tried again")
    func untrusted() async throws {
        let (files, others) = (try Files(), try Files(names: ["other.example"]))
        let other = try others.server()
        let server = XMLRPCServer(port: 0, methods: sampleMethods, tls: other, logger: quietLogger)
        try await withServer(server) { (address) async throws in
            for (tls, expected) in [
                (nil, "no trusted authority vouches for it"),
                (try XMLRPCClientTLS(trust: .authorities(file: files.certificate)), "no trusted authority"),
                (try XMLRPCClientTLS(trust: .authorities(file: others.certificate)), "made out to other names"),
                (try XMLRPCClientTLS(trust: .keys([try files.server().keyPin])), "its key is \(other.keyPin), not "),
            ] {
                let error = await #expect(throws: XMLRPCClientError.self) { try await Self.sum("\(address)", tls) }
                #expect(error?.reason == .untrusted && error?.mayHaveRun == false && error?.attemptCount == 1)
                #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
            }
            let plain = await #expect(throws: XMLRPCClientError.self) {
                try await Self.sum("http://127.0.0.1:\(address.port)", nil)
            }
            #expect(plain?.reason == .noTLS && plain?.mayHaveRun == false && plain?.attemptCount == 1)
        }
        try await withServer(XMLRPCServer(port: 0, methods: sampleMethods, logger: quietLogger)) { address in
            let error = await #expect(throws: XMLRPCClientError.self) {
                try await Self.sum("https://127.0.0.1:\(address.port)", nil)
            }
            #expect(error?.reason == .noTLS && error?.mayHaveRun == false && error?.attemptCount == 1)
        }
    }

    @Test("A server may ask its clients for certificates")
    func clientCertificates() async throws {
        let (files, ann) = (try Files(), try Files(names: ["ann.example"]))
        let tls = try files.server(clientAuthoritiesFile: ann.certificate)
        let server = XMLRPCServer(port: 0, methods: sampleMethods, tls: tls, logger: quietLogger)
        try await withServer(server) { (address) async throws in
            let known = try XMLRPCClientTLS(
                trust: .keys([tls.keyPin]), certificateFile: ann.certificate, keyFile: ann.key)
            #expect(try await Self.sum("\(address)", known) == 5)
            let nobody = try XMLRPCClientTLS(trust: .keys([tls.keyPin]))
            let error = await #expect(throws: XMLRPCClientError.self) { try await Self.sum("\(address)", nobody) }
            #expect(error?.reason == .noTLS && error?.mayHaveRun == false)
        }
    }

    @Test("Files and keys that can't be used are refused when they are given, in words")
    func badFiles() throws {
        let (files, others) = (try Files(), try Files())
        let mixed = #expect(throws: XMLRPCTLSError.self) {
            try XMLRPCServerTLS(certificateFile: files.certificate, keyFile: others.key)
        }
        #expect(mixed?.description.hasPrefix("the private key does not belong to the certificate") == true)
        #expect(throws: XMLRPCTLSError.self) { try XMLRPCClientTLS(trust: .authorities(file: "/nowhere/ca.pem")) }
        #expect(throws: XMLRPCTLSError.self) { try XMLRPCClientTLS(trust: .keys([])) }
        #expect(throws: XMLRPCTLSError.self) { try XMLRPCClientTLS(trust: .keys(["too short"])) }
        #expect(throws: XMLRPCTLSError.self) { try XMLRPCClientTLS(certificateFile: files.certificate) }
    }
}
