import Crypto
import SwiftASN1
package import XMLRPCTransport

/// A certificate that a key gives itself (RFC 5280): good for whoever knows the key's pin, or has the certificate itself
/// among those that it trusts.
package struct SelfSigned: Sendable {
    package let der: [UInt8]
    private let key: CertificateKey

    /// - Parameters:
    ///   - commonName: For people; 1 to 64 bytes.
    ///   - names: DNS names and IP addresses that clients may know the server by; one at least.
    ///   - validFrom: In seconds since 1970.
    ///   - validUntil: The same; later.
    package init(
        key: CertificateKey, commonName: String, names: [String], validFrom: Int64, validUntil: Int64
    ) throws {
        guard validFrom < validUntil else {
            throw CertificateError.badValidity(
                reason: "the end, \(validUntil), is not after the beginning, \(validFrom)")
        }
        guard (1...64).contains(commonName.utf8.count) else { throw CertificateError.badName(commonName) }
        guard !names.isEmpty else { throw CertificateError.badName("") }
        let body = CertificateBody(
            publicKey: Array(key.key.publicKey.derRepresentation), commonName: commonName,
            names: try names.map { try SubjectName($0) }, validFrom: try CertificateTime(validFrom),
            validUntil: try CertificateTime(validUntil), serialNumber: SelfSigned.serialNumber())
        self.key = key
        der = try SelfSigned.sign(body, with: key)
    }

    package var pem: String { PEMDocument(type: "CERTIFICATE", derBytes: der).pemString + "\n" }

    /// For a server, or a client that shows itself.
    package func identity() throws(TLSSetupError) -> TLSIdentity {
        try TLSIdentity(certificates: der, key: key.der)
    }

    /// Positive, and nobody else's.
    private static func serialNumber() -> [UInt8] {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[0] = bytes[0] & 0x3F | 0x40
        return bytes
    }

    private static func sign(_ body: CertificateBody, with key: CertificateKey) throws -> [UInt8] {
        var coder = DER.Serializer()
        try body.serialize(into: &coder)
        let signed = coder.serializedBytes
        let signature = try key.key.signature(for: signed).derRepresentation
        var certificate = DER.Serializer()
        try certificate.appendConstructedNode(identifier: .sequence) { coder in
            coder.serializeRawBytes(signed)
            try CertificateBody.serializeSignatureAlgorithm(into: &coder)
            try coder.serialize(ASN1BitString(bytes: ArraySlice(signature)))
        }
        return certificate.serializedBytes
    }
}
