import Glibc

/// A fresh folder for one test.
struct TestFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/mr-integration-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Files.Failure(Array("/tmp".utf8)) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() { Files.removeTree(Array(path.utf8)) }
}
