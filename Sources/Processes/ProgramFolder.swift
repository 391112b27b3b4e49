import Glibc

/// Where a program runs.
package enum ProgramFolder {
    /// The folder, with the NUL that ends a C string, if this process can be in it.
    package static func existing(_ folder: [UInt8]?) -> [UInt8]? {
        guard let folder, !folder.isEmpty, !folder.contains(0) else { return nil }
        let path = folder + [0]
        var status = stat()
        let isUsable = path.withUnsafeBufferPointer { path in
            path.withMemoryRebound(to: CChar.self) { text in
                guard let text = text.baseAddress else { preconditionFailure("it has at least its end") }
                return stat(text, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && access(text, X_OK) == 0
            }
        }
        return isUsable ? path : nil
    }
}
