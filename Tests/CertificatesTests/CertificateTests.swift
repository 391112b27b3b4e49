import Foundation
import KeyPins
import Testing
import XMLRPCTransport

@testable import Certificates

@Suite struct CertificateTests {
    /// What openssl prints about the standard input.
    private static func openssl(_ arguments: [String], input: [UInt8]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let (output, standardInput) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardInput = standardInput
        try process.run()
        standardInput.fileHandleForWriting.write(Data(input))
        standardInput.fileHandleForWriting.closeFile()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "openssl \(arguments.joined(separator: " "))")
        return text
    }

    private static func make(_ key: CertificateKey = CertificateKey(), names: [String] = ["a.example"]) throws
        -> SelfSigned
    {
        try SelfSigned(
            key: key, commonName: "mr-master on a", names: names, validFrom: 1_790_000_000, validUntil: 1_821_536_000)
    }

    @Test(
        "openssl reads a certificate as it was asked for: version, names, dates, uses, and a signature by its own key")
    func content() throws {
        let certificate = try Self.make(names: ["a.example", "*.b.example", "10.0.0.5", "fe80::1", "my_host"])
        let text = try Self.openssl(
            ["x509", "-inform", "DER", "-noout", "-text", "-nameopt", "utf8"], input: certificate.der)
        for expected in [
            "Version: 3 (0x2)", "Signature Algorithm: ecdsa-with-SHA256", "Issuer: CN=mr-master on a",
            "Subject: CN=mr-master on a", "Not Before: Sep 21 14:13:20 2026 GMT",
            "Not After : Sep 21 14:13:20 2027 GMT",
            "NIST CURVE: P-256", "CA:TRUE, pathlen:0", "Digital Signature, Certificate Sign",
            "TLS Web Server Authentication, TLS Web Client Authentication",
            "DNS:a.example, DNS:*.b.example, IP Address:10.0.0.5, IP Address:FE80:0:0:0:0:0:0:1, DNS:my_host",
        ] {
            #expect(text.contains(expected), "\(expected) in\n\(text)")
        }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("cert-\(UUID().uuidString).pem")
        try Data(certificate.pem.utf8).write(to: path)
        defer { unlink(path.path) }
        let verdict = try Self.openssl(
            ["verify", "-x509_strict", "-check_ss_sig", "-attime", "1800000000", "-purpose", "sslserver"]
                + ["-CAfile", path.path, "-verify_hostname", "a.example", path.path], input: [])
        #expect(verdict.hasSuffix("OK\n"))
    }

    @Test(
        "A key's pin is 160 bits of the SHA-256 of what openssl says its public key is, and its certificates have the same"
    )
    func pins() throws {
        let key = CertificateKey()
        let publicKey = try Self.openssl(["pkey", "-pubout"], input: Array(key.pem.utf8))
        let body = publicKey.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let der = try #require(Data(base64Encoded: body))
        #expect(key.pin == KeyPin(publicKey: Array(der)))
        let (first, second) = (try Self.make(key), try Self.make(key))
        #expect(first.der != second.der, "each has a serial number of its own")
        for certificate in [first, second] {
            #expect(try certificate.identity().pin == key.pin)
            #expect(try KeyPin(certificate: Array(certificate.pem.utf8)) == key.pin)
            #expect(try KeyPin(certificate: certificate.der) == key.pin)
        }
        #expect(CertificateKey().pin != key.pin)
    }

    @Test("A key is read back from what was written, and from openssl's two forms")
    func keys() throws {
        let key = CertificateKey()
        #expect(try CertificateKey(pem: key.pem).pin == key.pin)
        let old = try Self.openssl(["ec", "-in", "/dev/stdin"], input: Array(key.pem.utf8))
        #expect(old.contains("BEGIN EC PRIVATE KEY"))
        #expect(try CertificateKey(pem: old).pin == key.pin)
        #expect(throws: TLSSetupError.noKey) { try CertificateKey(pem: "nothing") }
        #expect(throws: TLSSetupError.noKey) { try CertificateKey(pem: Self.make(key).pem) }
        #expect(throws: CertificateError.notP256) { try CertificateKey(pem: String(key.pem.prefix(80))) }
        let other = try Self.openssl(
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp384r1"], input: [])
        #expect(throws: CertificateError.notP256) { try CertificateKey(pem: other) }
    }

    @Test("Dates from 2050 on are written with four digits of the year")
    func farDates() throws {
        let certificate = try SelfSigned(
            key: CertificateKey(), commonName: "a", names: ["a"], validFrom: 2_524_607_999, validUntil: 2_524_608_000)
        let text = try Self.openssl(["x509", "-inform", "DER", "-noout", "-dates"], input: certificate.der)
        #expect(text == "notBefore=Dec 31 23:59:59 2049 GMT\nnotAfter=Jan  1 00:00:00 2050 GMT\n")
    }

    @Test(
        "What no certificate can be made out to is refused by name",
        arguments: ["", "a..b", ".a", "a b", "a/b", "*", "a.*", "ä.example", "a\n", String(repeating: "a", count: 64)])
    func badNames(name: String) {
        #expect(throws: CertificateError.badName(name)) { try Self.make(names: ["good.example", name]) }
    }

    @Test("Dates that end before they begin, and certificates without names, are refused")
    func badRequests() {
        #expect(throws: CertificateError.self) {
            try SelfSigned(key: CertificateKey(), commonName: "a", names: ["a"], validFrom: 5, validUntil: 5)
        }
        #expect(throws: CertificateError.self) {
            try SelfSigned(key: CertificateKey(), commonName: "a", names: [], validFrom: 5, validUntil: 6)
        }
        #expect(throws: CertificateError.self) {
            try SelfSigned(
                key: CertificateKey(), commonName: "a", names: ["a"], validFrom: 5, validUntil: 300_000_000_000)
        }
    }
}
