import Certificates
import Foundation
import XMLRPCTransport

/// What the tests' servers and clients show of themselves.
enum TLSSamples {
    static func certificate(
        key: CertificateKey = CertificateKey(), names: [String] = ["localhost", "127.0.0.1"]
    ) throws -> SelfSigned {
        let now = Int64(Date().timeIntervalSince1970)
        return try SelfSigned(
            key: key, commonName: "test", names: names, validFrom: now - 86_400, validUntil: now + 86_400)
    }

    static func server(_ certificate: SelfSigned) throws -> ServerTLS {
        try ServerTLS(identity: certificate.identity())
    }
}

/// A folder of certificates that openssl has made: an authority, and what it vouches for.
final class OpenSSLAuthority: Sendable {
    let folder: String

    private static let configuration = """
        [ca]
        default_ca = authority
        [authority]
        dir = .
        database = index
        new_certs_dir = .
        serial = serial
        certificate = ca.pem
        private_key = ca.key
        default_md = sha256
        policy = anything
        copy_extensions = copy
        unique_subject = no
        [anything]
        commonName = supplied
        [req]
        distinguished_name = name
        [name]
        """

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        for (name, text) in [("ca.cnf", Self.configuration), ("index", ""), ("serial", "01\n")] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        try await selfMade("ca", name: "authority", extensions: ["basicConstraints=critical,CA:TRUE"])
    }

    deinit {
        // What is left in a temporary folder harms nobody.
        try? FileManager.default.removeItem(atPath: folder)
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func bytes(_ name: String) throws -> [UInt8] { try PEM.file(path(name)) }

    func identity(_ name: String, key: String? = nil) throws -> TLSIdentity {
        try TLSIdentity(certificateFile: path("\(name).pem"), keyFile: path("\(key ?? name).key"))
    }

    /// NAME.pem and NAME.key, which nobody vouches for.
    func selfMade(_ file: String, name: String, extensions: [String]) async throws {
        try await Tool.succeed(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                + ["-subj", "/CN=\(name)", "-days", "2", "-keyout", "\(file).key", "-out", "\(file).pem"]
                + ["-config", "ca.cnf"] + extensions.flatMap { ["-addext", $0] }, in: folder)
    }

    /// NAME.pem and NAME.key, which the authority vouches for.
    ///
    /// - Parameter dates: As openssl writes them, such as 20200101000000Z; nil: from now on.
    func vouchFor(_ file: String, name: String, dates: (begin: String, end: String)? = nil) async throws {
        try await Tool.succeed(
            [
                "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config",
                "ca.cnf",
            ]
                + ["-subj", "/CN=\(file)", "-addext", "subjectAltName=\(name)", "-keyout", "\(file).key"]
                + ["-out", "\(file).csr"], in: folder)
        let validity = dates.map { ["-startdate", $0.begin, "-enddate", $0.end] } ?? ["-days", "2"]
        try await Tool.succeed(
            ["openssl", "ca", "-batch", "-notext", "-config", "ca.cnf", "-in", "\(file).csr", "-out", "\(file).pem"]
                + validity, in: folder)
    }
}
