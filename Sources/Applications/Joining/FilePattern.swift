import ApplicationAPI
import Glibc

/// A shell pattern for names of files.
///
/// One without a slash is matched with what follows a name's last slash, and any other with the whole name as it was given
/// to the master, where `*` and `?` match no slash.
struct FilePattern: Sendable {
    /// With a NUL at its end.
    private let pattern: [CChar]
    private let hasSlash: Bool

    static let byteCountMax = 4096

    /// - Parameter option: The option's name.
    /// - Throws: `ApplicationOptionError`
    init(_ option: String, _ options: ApplicationOptions) throws {
        guard let bytes = options.bytes(option), !bytes.isEmpty else {
            throw ApplicationOptionError(
                option, problem: "is missing; name the files of that side, as in \(option)='\(option)*.tsv'")
        }
        guard bytes.count <= Self.byteCountMax, !bytes.contains(0) else {
            throw ApplicationOptionError(
                option, problem: "is no pattern of up to \(Self.byteCountMax) bytes without a NUL")
        }
        pattern = bytes.map { CChar(bitPattern: $0) } + [0]
        hasSlash = bytes.contains(UInt8(ascii: "/"))
    }

    func matches(_ fileName: Bytes) -> Bool {
        var name = fileName[...]
        if !hasSlash, let slash = fileName.lastIndex(of: UInt8(ascii: "/")) { name = fileName[(slash + 1)...] }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { text in
            for (offset, byte) in name.enumerated() { text[offset] = CChar(bitPattern: byte) }
            text[name.count] = 0
            guard let start = text.baseAddress else { return false }
            return fnmatch(pattern, start, FNM_PATHNAME) == 0
        }
    }
}
