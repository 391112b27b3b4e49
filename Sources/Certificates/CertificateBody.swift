import Crypto
import SwiftASN1

/// What a self-signed certificate says, and its signature covers (RFC 5280, section 4.1).
struct CertificateBody {
    /// SubjectPublicKeyInfo.
    let publicKey: [UInt8]
    let commonName: String
    let names: [SubjectName]
    let validFrom: CertificateTime
    let validUntil: CertificateTime
    /// An integer's bytes, the first of them between 0x01 and 0x7F.
    let serialNumber: [UInt8]

    private enum Identifiers {
        static let ecdsaWithSHA256: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 4, 3, 2]
        static let commonName: ASN1ObjectIdentifier = [2, 5, 4, 3]
        static let subjectKeyIdentifier: ASN1ObjectIdentifier = [2, 5, 29, 14]
        static let keyUsage: ASN1ObjectIdentifier = [2, 5, 29, 15]
        static let subjectAlternativeName: ASN1ObjectIdentifier = [2, 5, 29, 17]
        static let basicConstraints: ASN1ObjectIdentifier = [2, 5, 29, 19]
        static let extendedKeyUsage: ASN1ObjectIdentifier = [2, 5, 29, 37]
        static let server: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 1]
        static let client: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 2]
    }

    func serialize(into coder: inout DER.Serializer) throws {
        try coder.appendConstructedNode(identifier: .sequence) { coder in
            // Version 3.
            try coder.serialize(2, explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific)
            coder.appendPrimitiveNode(identifier: .integer) { $0.append(contentsOf: serialNumber) }
            try CertificateBody.serializeSignatureAlgorithm(into: &coder)
            try serializeName(into: &coder)
            try coder.appendConstructedNode(identifier: .sequence) { coder in
                try validFrom.serialize(into: &coder)
                try validUntil.serialize(into: &coder)
            }
            try serializeName(into: &coder)
            coder.serializeRawBytes(publicKey)
            try coder.serialize(explicitlyTaggedWithTagNumber: 3, tagClass: .contextSpecific) { coder in
                try coder.appendConstructedNode(identifier: .sequence) { try serializeExtensions(into: &$0) }
            }
        }
    }

    static func serializeSignatureAlgorithm(into coder: inout DER.Serializer) throws {
        try coder.appendConstructedNode(identifier: .sequence) { try $0.serialize(Identifiers.ecdsaWithSHA256) }
    }

    /// Issuer and subject alike.
    private func serializeName(into coder: inout DER.Serializer) throws {
        try coder.appendConstructedNode(identifier: .sequence) { coder in
            try coder.appendConstructedNode(identifier: .set) { coder in
                try coder.appendConstructedNode(identifier: .sequence) { coder in
                    try coder.serialize(Identifiers.commonName)
                    try coder.serialize(ASN1UTF8String(commonName))
                }
            }
        }
    }

    // MARK: Extensions

    private func serializeExtensions(into coder: inout DER.Serializer) throws {
        // An authority, for itself alone: BoringSSL takes nothing else out of a list of what to trust.
        try Self.serialize(Identifiers.basicConstraints, isCritical: true, into: &coder) { coder in
            try coder.appendConstructedNode(identifier: .sequence) { coder in
                try coder.serialize(true)
                try coder.serialize(0)
            }
        }
        // Bit 0: digital signatures, all that TLS 1.3 needs; bit 5: certificates, which an authority must say.
        try Self.serialize(Identifiers.keyUsage, isCritical: true, into: &coder) { coder in
            try coder.serialize(ASN1BitString(bytes: [0x84], paddingBits: 2))
        }
        try Self.serialize(Identifiers.extendedKeyUsage, isCritical: false, into: &coder) { coder in
            try coder.appendConstructedNode(identifier: .sequence) { coder in
                try coder.serialize(Identifiers.server)
                try coder.serialize(Identifiers.client)
            }
        }
        try Self.serialize(Identifiers.subjectAlternativeName, isCritical: false, into: &coder) { coder in
            coder.appendConstructedNode(identifier: .sequence) { coder in
                for name in names { name.serialize(into: &coder) }
            }
        }
        try Self.serialize(Identifiers.subjectKeyIdentifier, isCritical: false, into: &coder) { coder in
            try coder.serialize(ASN1OctetString(contentBytes: ArraySlice(SHA256.hash(data: publicKey).prefix(20))))
        }
    }

    private static func serialize(
        _ identifier: ASN1ObjectIdentifier, isCritical: Bool, into coder: inout DER.Serializer,
        value: (inout DER.Serializer) throws -> Void
    ) throws {
        var content = DER.Serializer()
        try value(&content)
        try coder.appendConstructedNode(identifier: .sequence) { coder in
            try coder.serialize(identifier)
            // False is what is meant where nothing stands.
            if isCritical { try coder.serialize(true) }
            try coder.serialize(ASN1OctetString(contentBytes: ArraySlice(content.serializedBytes)))
        }
    }
}
