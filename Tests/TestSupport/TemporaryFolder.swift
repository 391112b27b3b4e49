import Glibc

/// A folder for one test, taken away with all that is in it.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/mr-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestTrouble.noFolder(errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    /// Makes a file and gives its path.
    @discardableResult
    package func write(_ name: String, _ text: String) -> String {
        let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        precondition(file >= 0, "cannot make \(name): \(String(cString: strerror(errno)))")
        defer { close(file) }
        let bytes = Array(text.utf8)
        precondition(Glibc.write(file, bytes, bytes.count) == bytes.count)
        return path + "/" + name
    }

    /// Names of all that is directly in a folder, sorted.
    package static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    private static func remove(_ path: String) {
        guard let stream = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name == Array(".".utf8) || name == Array("..".utf8) { continue }
            var child = Array(path.utf8) + [UInt8(ascii: "/")] + name + [0]
            child.withUnsafeMutableBytes { bytes in
                let childPath = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
                if unlink(childPath) != 0 { remove(String(cString: childPath)) }
            }
        }
        closedir(stream)
        rmdir(path)
    }
}

enum TestTrouble: Error {
    case noFolder(Int32)
    case noDescriptors(Int32)
    case noFIFO(Int32)
    case noStatus(Int32)
}
