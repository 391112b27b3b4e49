import Certificates
import Glibc
package import KeyPins
package import LocalMachine
package import XMLRPCTransport

/// The key and certificate that a master, a center or a worker shows, and how others come to trust them.
package struct ServerIdentity: Sendable {
    package let tls: ServerTLS
    /// For clients that know nothing of pins: the certificate, or what is to be trusted instead.
    package let certificate: String

    package var pin: KeyPin { tls.pin }

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
    ) throws -> ServerIdentity {
        try directory.create()
        let folder = directory.tls
        try folder.create()
        let key = try key(in: folder)
        let certificate = try certificate(in: folder, key: key, names: names, now: Int64(time(nil)))
        let identity = try TLSIdentity(certificates: Array(certificate.utf8), key: key.der)
        return ServerIdentity(
            tls: try ServerTLS(identity: identity, clientAuthorities: clientAuthorities), certificate: certificate)
    }

    /// The one that was made before, as long as it says all that is to be said: people have given it to programs as
    /// the one to trust.
    private static func certificate(
        in folder: StateDirectory, key: CertificateKey, names: [String], now: Int64
    ) throws -> String {
        let (path, notePath) = (folder.path + "/cert.pem", folder.path + "/cert.names")
        let earlier = try PrivateFile.read(notePath, byteCountMax: fileByteCountMax)
            .flatMap { CertificateNote(text: String(decoding: $0, as: UTF8.self)) }
        if let earlier, earlier.serves(names, pin: key.pin.description, at: now),
            let bytes = try PrivateFile.read(path, byteCountMax: fileByteCountMax)
        {
            return String(decoding: bytes, as: UTF8.self)
        }
        let note = CertificateNote(
            pin: key.pin.description, validUntil: now + validityDays * secondsPerDay,
            names: names + (earlier?.names.filter { !names.contains($0) } ?? []).prefix(namesMax))
        let made = try SelfSigned(
            key: key, commonName: "swift-mapreduce", names: note.names, validFrom: now - secondsPerDay,
            validUntil: note.validUntil)
        try PrivateFile.write(path, Array(made.pem.utf8))
        try PrivateFile.write(notePath, Array(note.text.utf8))
        return made.pem
    }

    /// Of names that the machine had once, as many stay in the next certificate.
    private static let namesMax = 32

    /// What clients may know this machine by.
    ///
    /// - Parameters:
    ///   - host: Where the server listens.
    ///   - advertised: What people are told instead, if it is something else.
    package static func names(listeningAt host: String, advertised: String? = nil) -> [String] {
        var names: [String] = []
        let host = OwnAddresses.wildcards.contains(host) ? [] : [host]
        for name in (advertised.map { [$0] } ?? []) + host + [HostIdentity.name, "localhost"] + OwnAddresses.all
        where !name.isEmpty && !names.contains(name) {
            names.append(name)
        }
        return names
    }

    /// A key that nobody else ever sees, and that ends with this process. Its pin travels by those who know the process.
    package static func throwAway(commonName: String, names: [String]) throws -> ServerIdentity {
        let now = Int64(time(nil))
        let made = try SelfSigned(
            key: CertificateKey(), commonName: commonName, names: names, validFrom: now - secondsPerDay,
            validUntil: now + (validityDays + 1) * secondsPerDay)
        return ServerIdentity(tls: try ServerTLS(identity: made.identity()), certificate: made.pem)
    }

    /// A key and certificate that somebody else cares for.
    package static func files(
        certificate: String, key: String, clientAuthorities: [UInt8]?
    ) throws -> ServerIdentity {
        let pem = try PEM.file(certificate)
        return ServerIdentity(
            tls: try ServerTLS(
                identity: TLSIdentity(certificates: pem, key: PEM.file(key)), clientAuthorities: clientAuthorities),
            certificate: String(decoding: pem, as: UTF8.self))
    }

    private static let fileByteCountMax = 64 << 10

    private static func key(in folder: StateDirectory) throws -> CertificateKey {
        let path = folder.path + "/key.pem"
        if let bytes = try PrivateFile.read(path, byteCountMax: fileByteCountMax) {
            do {
                return try CertificateKey(pem: String(decoding: bytes, as: UTF8.self))
            } catch {
                throw TLSSetupError.unreadableFile(
                    path: path, reason: "\(error); remove it for a new key, which needs new join lines")
            }
        }
        let bytes = try PrivateFile.create(path, Array(CertificateKey().pem.utf8), byteCountMax: fileByteCountMax)
        return try CertificateKey(pem: String(decoding: bytes, as: UTF8.self))
    }
}
