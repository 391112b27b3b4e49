import Glibc
import LocalMachine
package import Model

/// A folder in which programs run, with links to the files that were shipped for them. It goes with all that they left in it.
package struct WorkFolder: Sendable {
    package let path: String
    /// Another folder that goes with it.
    private let companion: String?

    /// - Parameters:
    ///   - path: Of the folder, which must not exist.
    ///   - companion: A folder that goes when this one does; nil for none.
    ///   - target: Where a file is.
    /// - Throws: ``WorkFolderError``
    package init(
        making path: String, _ files: [ShippedFile], beside companion: String? = nil,
        target: (ShippedFile) -> [UInt8]
    ) throws(WorkFolderError) {
        self.path = path
        self.companion = companion
        guard mkdir(path, 0o700) == 0 else { throw WorkFolderError(path: path, errorNumber: errno) }
        for file in files {
            let link = Array("\(path)/".utf8) + file.file.name
            let status = FileBytes.withPath(target(file)) { target in
                FileBytes.withPath(link) { symlink(target, $0) }
            }
            guard status == 0 else {
                let error = WorkFolderError(path: path, errorNumber: errno)
                remove()
                throw error
            }
        }
    }

    package func remove() {
        FolderTree.remove(path)
        if let companion { FolderTree.remove(companion) }
    }
}

/// The working folder of a task can't be made.
package struct WorkFolderError: Error, Hashable, CustomStringConvertible {
    let path: String
    let errorNumber: CInt

    package init(path: String, errorNumber: CInt) {
        self.path = path
        self.errorNumber = errorNumber
    }

    package var description: String {
        "the working folder '\(path)' cannot be made: \(String(cString: strerror(errorNumber))); name another place with mr-worker --scratch DIR or the variable TMPDIR"
    }
}
