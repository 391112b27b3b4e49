import Glibc
import SwiftASN1

/// A name that a certificate is made out to (RFC 5280, section 4.2.1.6).
enum SubjectName: Hashable, Sendable {
    case dns(String)
    /// 4 bytes, or 16.
    case address([UInt8])

    /// Letters, digits, hyphens, underscores and dots; an asterisk may stand for the first label.
    init(_ text: String) throws(CertificateError) {
        if let address = SubjectName.address(text) {
            self = .address(address)
        } else {
            guard SubjectName.isDNS(text) else { throw .badName(text) }
            self = .dns(text)
        }
    }

    private static func address(_ text: String) -> [UInt8]? {
        for (family, byteCount) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: byteCount)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    private static func isDNS(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let name = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.allSatisfy(isPlain)
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// GeneralName.
    func serialize(into coder: inout DER.Serializer) {
        let (tag, bytes): (UInt, [UInt8]) =
            switch self {
            case .dns(let name): (2, Array(name.utf8))
            case .address(let bytes): (7, bytes)
            }
        coder.appendPrimitiveNode(identifier: ASN1Identifier(tagWithNumber: tag, tagClass: .contextSpecific)) {
            $0.append(contentsOf: bytes)
        }
    }
}
