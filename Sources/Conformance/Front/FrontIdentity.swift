import Certificates
import Glibc
import KeyPins
import NIOSSL

/// The key of one case's master, as join lines name it.
struct FrontIdentity: Sendable {
    let context: NIOSSLContext
    let pin: KeyPin

    private static let validitySeconds: Int64 = 86_400

    init() throws {
        let key = CertificateKey()
        let now = Int64(time(nil))
        let certificate = try SelfSigned(
            key: key, commonName: "swift-mapreduce", names: ["127.0.0.1", "localhost"],
            validFrom: now - Self.validitySeconds, validUntil: now + Self.validitySeconds)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: certificate.der, format: .der))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.pem.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = ["http/1.1"]
        context = try NIOSSLContext(configuration: configuration)
        pin = key.pin
    }
}
