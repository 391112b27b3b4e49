/// A file that every task of a job finds in its working folder.
package struct ShippedFile: Hashable, Sendable {
    /// `name` is what tasks find it under.
    package let file: InputFile
    /// SHA-256 of its contents.
    package let digest: [UInt8]
    package let isExecutable: Bool
    /// Whether tasks find a folder with what the file holds.
    package let isArchive: Bool

    package static let digestByteCount = 32
    /// How many a job may have.
    package static let countMax = 1_000
    /// What all of a job may have together, in bytes.
    package static let byteCountMax: Int64 = 4 << 30
    package static let nameByteCountMax = 255

    package init(file: InputFile, digest: [UInt8], isExecutable: Bool, isArchive: Bool = false) {
        self.file = file
        self.digest = digest
        self.isExecutable = isExecutable
        self.isArchive = isArchive
    }

    /// Whether a file of that name lies in a folder and nowhere else: one component of a path.
    package static func isName(_ name: [UInt8]) -> Bool {
        (1...nameByteCountMax).contains(name.count) && !name.contains(UInt8(ascii: "/")) && !name.contains(0)
            && name != Array(".".utf8) && name != Array("..".utf8)
    }
}
