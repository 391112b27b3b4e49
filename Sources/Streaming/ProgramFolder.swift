import Glibc
import SystemPackage

/// Where a program runs.
enum ProgramFolder {
    /// The folder, if this process can be in it.
    static func existing(_ folder: [UInt8]?) -> FilePath? {
        guard let folder, !folder.isEmpty, !folder.contains(0) else { return nil }
        let path = FilePath(bytes: folder)
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFDIR,
            path.withPlatformString({ access($0, X_OK) }) == 0
        else { return nil }
        return path
    }
}

extension FilePath {
    fileprivate init(bytes: [UInt8]) {
        self = (bytes + [0]).map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { text in
            guard let start = text.baseAddress else { preconditionFailure("it ends with NUL") }
            return FilePath(platformString: start)
        }
    }
}
