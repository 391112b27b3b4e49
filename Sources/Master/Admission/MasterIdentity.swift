import Certificates
import Glibc
import KeyPins
package import LocalMachine
import XMLRPCTransport

/// The key and certificate that a master shows, and how others come to trust them.
package struct MasterIdentity: Sendable {
    let tls: ServerTLS
    /// For clients that know nothing of pins: the certificate, or what is to be trusted instead.
    let certificate: String

    var pin: KeyPin { tls.pin }

    private static let validityDays: Int64 = 365
    private static let secondsPerDay: Int64 = 86_400

    /// The user's own key, made when there is none yet, and a certificate that it gives itself for today's names. The
    /// key, and so its pin, stays the same from one start to the next.
    ///
    /// - Parameters:
    ///   - names: DNS names and addresses that clients may know this machine by.
    ///   - clientAuthorities: PEM; nil where clients need no certificate.
    package static func own(
        in directory: StateDirectory, names: [String], clientAuthorities: [UInt8]?
    ) throws -> MasterIdentity {
        try directory.create()
        let folder = directory.tls
        try folder.create()
        let key = try key(in: folder)
        let now = Int64(time(nil))
        let certificate = try SelfSigned(
            key: key, commonName: "swift-mapreduce", names: names, validFrom: now - secondsPerDay,
            validUntil: now + validityDays * secondsPerDay)
        // For people, and for programs that want to be told of a file.
        try PrivateFile.write(folder.path + "/cert.pem", Array(certificate.pem.utf8))
        return MasterIdentity(
            tls: try ServerTLS(identity: certificate.identity(), clientAuthorities: clientAuthorities),
            certificate: certificate.pem)
    }

    /// A key and certificate that somebody else cares for.
    package static func files(
        certificate: String, key: String, clientAuthorities: [UInt8]?
    ) throws -> MasterIdentity {
        let pem = try PEM.file(certificate)
        return MasterIdentity(
            tls: try ServerTLS(
                identity: TLSIdentity(certificates: pem, key: PEM.file(key)), clientAuthorities: clientAuthorities),
            certificate: String(decoding: pem, as: UTF8.self))
    }

    private static let keyByteCountMax = 16 << 10

    private static func key(in folder: StateDirectory) throws -> CertificateKey {
        let path = folder.path + "/key.pem"
        if let bytes = try PrivateFile.read(path, byteCountMax: keyByteCountMax) {
            return try CertificateKey(pem: String(decoding: bytes, as: UTF8.self))
        }
        let key = CertificateKey()
        try PrivateFile.write(path, Array(key.pem.utf8))
        return key
    }
}
