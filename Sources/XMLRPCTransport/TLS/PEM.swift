import Glibc
import NIOSSL

/// Reads what files in PEM or DER hold.
package enum PEM {
    /// Far more than any chain of certificates.
    package static let fileByteCountMax = 1 << 20

    /// A whole file.
    package static func file(_ path: String) throws(TLSSetupError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= fileByteCountMax else {
                throw .unreadableFile(path: path, reason: "it is longer than \(fileByteCountMax) bytes")
            }
        }
    }

    private static func failure(_ path: String) -> TLSSetupError {
        .unreadableFile(path: path, reason: String(cString: strerror(errno)))
    }

    static func certificates(
        _ bytes: [UInt8], none: TLSSetupError, unreadable: TLSSetupError
    ) throws(TLSSetupError) -> [NIOSSLCertificate] {
        do {
            if isDER(bytes) { return [try NIOSSLCertificate(bytes: bytes, format: .der)] }
            guard has(bytes, "-----BEGIN") else { throw none }
            let certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
            if certificates.isEmpty { throw none }
            return certificates
        } catch let error as TLSSetupError {
            throw error
        } catch {
            throw has(bytes, "CERTIFICATE-----") || isDER(bytes) ? unreadable : none
        }
    }

    static func key(_ bytes: [UInt8]) throws(TLSSetupError) -> NIOSSLPrivateKey {
        if has(bytes, "ENCRYPTED") { throw .keyNeedsPassword }
        guard isDER(bytes) || has(bytes, "PRIVATE KEY-----") else { throw .noKey }
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: isDER(bytes) ? .der : .pem)
        } catch {
            throw .unreadableKey
        }
    }

    /// DER begins with the tag of a sequence, which is a zero in text.
    private static func isDER(_ bytes: [UInt8]) -> Bool { bytes.first == 0x30 && bytes.count > 1 && bytes[1] >= 0x80 }

    private static func has(_ bytes: [UInt8], _ text: String) -> Bool { bytes.firstRange(of: Array(text.utf8)) != nil }
}
