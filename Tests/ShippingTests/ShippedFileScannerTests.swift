import Glibc
import Model
import Shipping
import TestSupport
import Testing

@Suite("Files to ship")
struct ShippedFileScannerTests {
    private func scan(_ paths: [String]) throws -> [ShippedFile] {
        try ShippedFileScanner.scan(paths.map { Array($0.utf8) }) { preconditionFailure("no archive") }
    }

    private func problem(_ paths: [String]) -> String {
        do { return "none: \(try scan(paths).count)" } catch { return "\(error)" }
    }

    @Test("Each has its last name, length, mode and SHA-256")
    func good() throws {
        let folder = try TemporaryFolder()
        folder.write("words.txt", "abc")
        chmod(folder.write("run", "#!/bin/sh\n"), 0o755)
        let empty = folder.write("empty", "")
        let files = try scan(["\(folder.path)/./words.txt", "\(folder.path)/run", empty])
        #expect(files.map { String(decoding: $0.file.name, as: UTF8.self) } == ["words.txt", "run", "empty"])
        #expect(files.map(\.file.byteCount) == [3, 10, 0])
        #expect(files.map(\.isExecutable) == [false, true, false])
        // FIPS 180-2, appendix B.1, and of nothing.
        let digests = files.map { $0.digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
        #expect(digests[0] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(digests[2] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("What can't be shipped is refused, with its name")
    func bad() throws {
        let folder = try TemporaryFolder()
        let path = folder.write("a", "x")
        #expect(problem([folder.path]).hasSuffix("is no file; name its files one by one, or make an archive of it"))
        #expect(problem(["\(folder.path)/none"]).hasSuffix("cannot be read: No such file or directory"))
        #expect(problem(["\(folder.path)/"]).hasSuffix("does not end with the name of a file"))
        #expect(problem(["\(folder.path)/.."]).hasSuffix("does not end with the name of a file"))
        #expect(problem([path, path]).contains("give the name 'a' twice"))
        #expect(
            problem([String](repeating: path, count: 1_001)).hasPrefix("1001 --files and --archives are more than 1000")
        )
    }

    @Test("A list with commas, as Hadoop takes it, is told how to be written, and a comma in a name is no list")
    func commas() throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.write("a", "x"), folder.write("b", "y"))
        #expect(
            problem(["\(a),\(b)"])
                == "--files '\(a),\(b)' names several files; name one each time: --files \(a) --files \(b)")
        #expect(problem(["\(a),\(b),\(folder.path)/none"]).hasSuffix("cannot be read: No such file or directory"))
        #expect(problem(["\(a),"]).hasSuffix("cannot be read: No such file or directory"))
        let comma = folder.write("a,b", "z")
        #expect(try scan([comma]).map(\.file.byteCount) == [1])
        let archives = #expect(throws: ShippedFileError.self) {
            try ShippedFileScanner.scan([], archives: [Array("\(a),\(b)#name".utf8)]) { preconditionFailure("none") }
        }
        #expect("\(archives.map { "\($0)" } ?? "")".hasSuffix("--archives \(a) --archives \(b)"))
    }

    @Test(
        "A name is one component of a path",
        arguments: ["", ".", "..", "a/b", "/", "a\0b", String(repeating: "x", count: 256)])
    func noName(name: String) { #expect(!ShippedFile.isName(Array(name.utf8))) }

    @Test("More bytes than may be shipped are refused")
    func large() throws {
        let folder = try TemporaryFolder()
        let path = folder.write("large", "")
        #expect(truncate(path, off_t(ShippedFile.byteCountMax) + 1) == 0)
        #expect(problem([path]).contains("are allowed, so put them where workers see them"))
    }
}
