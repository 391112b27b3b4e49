import Glibc
import LocalMachine
import Master
import Model
import TestSupport
import Testing

@Suite("Finding the input")
struct InputScannerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func scan(_ names: String...) throws -> [InputFile] {
        try InputScanner.scan(names.map { Array($0.utf8) }).files
    }

    @Test("notes size, time, path and the name as given")
    func facts() throws {
        let path = folder.write("a", "hello")
        let file = try #require(scan(path).first)
        #expect(file.byteCount == 5)
        #expect(file.path == Array(path.utf8))
        #expect(file.name == Array(path.utf8))
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(
            file.modifiedNanoseconds == Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }

    @Test("keeps the order in which files were named, and a doubled name twice")
    func order() throws {
        let (a, b) = (folder.write("a", "1"), folder.write("b", "22"))
        #expect(try scan(b, a, b).map(\.byteCount) == [2, 1, 2])
    }

    @Test("takes a folder's files in the order of their names, without hidden, underscored and empty ones")
    func folders() throws {
        for name in ["b", "a", "_SUCCESS", ".hidden", "_logs"] { folder.write(name, "x") }
        folder.write("empty", "")
        mkdir(folder.path + "/sub", 0o755)
        #expect(try scan(folder.path).map { DisplayName.of($0.name) } == [folder.path + "/a", folder.path + "/b"])
        let notes = try InputScanner.scan([Array(folder.path.utf8)]).notes
        #expect(notes.count == 2 && notes[1].contains("1 subfolder is not read"), "\(notes)")
        // A finished job's mark is no file that anybody misses.
        #expect(notes[0].contains("2 names that begin with . or _ are not read"), "\(notes)")
    }

    @Test("expands a pattern that the shell did not")
    func patterns() throws {
        for name in ["b.txt", "a.txt", "c.log"] { folder.write(name, "x") }
        #expect(
            try scan(folder.path + "/*.txt").map { DisplayName.of($0.name) }
                == ["a", "b"].map { "\(folder.path)/\($0).txt" })
        // A file that really has the name wins over the pattern.
        folder.write("[x]", "x")
        #expect(try scan(folder.path + "/[x]").count == 1)
    }

    @Test("takes names of any bytes")
    func anyBytes() throws {
        let name = Array((folder.path + "/a b\nc").utf8) + [0xff, 0xfe]
        let file = FileBytes.withPath(name) { creat($0, 0o644) }
        #expect(write(file, "x", 1) == 1)
        close(file)
        #expect(try InputScanner.scan([name]).files.first?.path == name)
    }

    @Test("leaves empty files out and says so, unless there is nothing else")
    func empty() throws {
        let (a, b, full) = (folder.write("a", ""), folder.write("b", ""), folder.write("full", "x"))
        let one = try InputScanner.scan([a, full].map { Array($0.utf8) })
        #expect(one.files.map(\.name) == [Array(full.utf8)])
        #expect(one.notes == ["input '\(a)' is empty and left out"])
        let two = try InputScanner.scan([full, b, a].map { Array($0.utf8) })
        #expect(two.notes == ["input '\(b)' and 1 more are empty and left out"])
        #expect(throws: PlanError.empty(name: b)) { try scan(b, a) }
    }

    @Test("sees by the contents which files are compressed, unless they are to be read as they are")
    func compressed() throws {
        let packed = [
            ("b", Packed.gzip([65])), ("c", Packed.bzip2([65])), ("d", Packed.xz([65])), ("e", Packed.zstandard([65])),
        ]
        for (name, bytes) in packed {
            let file = creat("\(folder.path)/\(name)", 0o644)
            #expect(write(file, bytes, bytes.count) == bytes.count)
            close(file)
        }
        folder.write("a", "BZh91 is text")
        let name = Array(folder.path.utf8)
        let input = try InputScanner.scan([name])
        #expect(input.files.map(\.compression) == [nil, .gzip, .bzip2, .xz, .zstandard] && input.notes.isEmpty)
        let asTheyAre = try InputScanner.scan([name], InputScanner.Manner(unpacks: false))
        #expect(asTheyAre.files.allSatisfy { $0.compression == nil } && asTheyAre.files.count == 5)
    }

    @Test("reads folders in folders when told to, each in the order of its names, and none twice by way of itself")
    func recursive() throws {
        for name in ["b", "b/d", "b/_hidden", "hollow"] { mkdir("\(folder.path)/\(name)", 0o755) }
        for name in ["c", "a", "b/z", "b/d/y", "b/_hidden/x"] { folder.write(name, "x") }
        symlink("..", "\(folder.path)/b/up")
        let input = try InputScanner.scan([Array(folder.path.utf8)], InputScanner.Manner(isRecursive: true))
        #expect(
            input.files.map { DisplayName.of($0.name) } == ["a", "b/d/y", "b/z", "c"].map { "\(folder.path)/\($0)" })
        #expect(!input.notes.contains { $0.contains("subfolder") }, "\(input.notes)")
        #expect(throws: PlanError.nothingInFolder(name: "\(folder.path)/hollow")) {
            try InputScanner.scan([Array("\(folder.path)/hollow".utf8)], InputScanner.Manner(isRecursive: true))
        }
    }

    @Test("says what is wrong with a name, with the name")
    func refusals() throws {
        let empty = folder.write("empty", "")
        let pipe = folder.path + "/pipe"
        mkfifo(pipe, 0o644)
        let hollow = folder.path + "/hollow"
        mkdir(hollow, 0o755)
        #expect(throws: PlanError.empty(name: empty)) { try scan(empty) }
        #expect(throws: PlanError.notAFile(name: pipe, kind: "pipe")) { try scan(pipe) }
        #expect(throws: PlanError.nothingInFolder(name: hollow)) { try scan(hollow) }
        #expect(throws: PlanError.missing(name: "/no/such")) { try scan("/no/such") }
        #expect(throws: PlanError.missing(name: empty + "/below")) { try scan(empty + "/below") }
        #expect(throws: PlanError.nothingMatches(pattern: folder.path + "/*.zip")) { try scan(folder.path + "/*.zip") }
        #expect(throws: PlanError.standardInput) { try scan("-") }
        #expect(throws: PlanError.noInputs) { try InputScanner.scan([]) }
    }
}
