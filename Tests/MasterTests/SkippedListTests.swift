import Glibc
import Model
import TestSupport
import Testing

@testable import Master

@Suite("The list of what was left out")
struct SkippedListTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/out" }

    init() throws { folder = try TemporaryFolder() }

    private func open(overwrite: Bool = false) throws -> OutputFolder {
        try OutputFolder(path: Array(path.utf8), marker: "m", overwrite: overwrite)
    }

    private func list(_ input: String, _ records: [(offset: Int64, byteCount: Int64)]) -> SkippedList {
        let file = InputFile(
            path: Array(folder.write("in", input).utf8), name: Array("in put".utf8),
            byteCount: Int64(input.utf8.count), modifiedNanoseconds: 0)
        let task = TaskID(job: JobID(number: 1), kind: .map, index: 3)
        return SkippedList(
            files: [file],
            records: records.map {
                let place = SkippedRecord.Place.record(fileIndex: 0, offset: $0.offset, byteCount: $0.byteCount)
                return (task, SkippedRecord(place: place, ending: "ended with exit code 3"))
            })
    }

    private func text() -> String? {
        guard let file = fopen("\(path)/_SKIPPED", "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    }

    @Test("names task, file, offset, length, the program's end and the record, and lies there before _SUCCESS")
    func lines() throws {
        let output = try open()
        try output.finish(partCount: 0, skipped: list("good\nb\tad\\\nwörse", [(5, 6), (11, 6)]))
        #expect(TemporaryFolder.names(in: path) == ["_SKIPPED", "_SUCCESS"])
        #expect(
            text() == """
                map 3\tin put\t5\t6\tended with exit code 3\tb\\x09ad\\x5c
                map 3\tin put\t11\t6\tended with exit code 3\twörse

                """)
    }

    @Test("shows at most 64 KiB of a record, and of a group the key")
    func long() throws {
        let output = try open()
        var list = list(String(repeating: "x", count: 70_000) + "\n", [(0, 70_001)])
        list = SkippedList(
            files: list.files,
            records: list.records + [
                (
                    TaskID(job: JobID(number: 1), kind: .reduce, index: 0),
                    SkippedRecord(
                        place: .group(key: [0x61, 0x0a], keyByteCount: 5, valueCount: 9), ending: "was killed")
                )
            ])
        try output.finish(partCount: 0, skipped: list)
        let lines = try #require(text()).split(separator: "\n")
        #expect(lines[0].hasSuffix("x [... 4465 more bytes]"))
        #expect(lines[0].utf8.count < 66_000)
        #expect(lines[1] == "reduce 0\tkey\t5\t9\twas killed\ta\\x0a [... 3 more bytes]")
    }

    @Test("goes with the parts of its job when another job takes their place, and with those of a job that fails")
    func removed() throws {
        func finish(_ skipped: SkippedList?) throws {
            let output = try open(overwrite: true)
            #expect(TemporaryFolder.names(in: path).contains("_SKIPPED") == (skipped == nil), "until it has something")
            try output.finish(partCount: 0, skipped: skipped)
        }
        try finish(list("a\n", [(0, 2)]))
        try finish(nil)
        #expect(TemporaryFolder.names(in: path) == ["_SUCCESS"])
        let failing = try open(overwrite: true)
        #expect(throws: OutputError.self) { try failing.finish(partCount: 1, skipped: nil) }
        folder.write("out/_SKIPPED", "of a job that did not get to its end")
        failing.withdraw()
        failing.abandon()
        #expect(TemporaryFolder.names(in: path) == [])
    }
}
