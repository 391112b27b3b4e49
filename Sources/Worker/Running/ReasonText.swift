import LocalMachine

/// Why an attempt failed, as it can travel in a report: of bounded length, and without characters that XML can't carry.
enum ReasonText {
    static let byteCountMax = 4_096

    static func of(_ error: any Error) -> String {
        let bytes = Array("\(error)".utf8)
        guard bytes.count > byteCountMax else { return shown(bytes) }
        return shown(Array(bytes.prefix(byteCountMax))) + " [... \(bytes.count - byteCountMax) more bytes left out]"
    }

    /// Lines stay lines; whatever else is no text becomes an escape.
    private static func shown(_ bytes: [UInt8]) -> String {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { DisplayName.of(Array($0)) }.joined(separator: "\n")
    }
}
