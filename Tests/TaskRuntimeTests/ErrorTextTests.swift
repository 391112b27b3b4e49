import Glibc
import Model
import TaskRuntime
import Testing

/// Errors travel as XML and end on terminals, whatever the names and keys in them are made of.
@Suite struct ErrorTextTests {
    private static let awkward = "n\u{1}\u{7F}\t\r\n\u{1B}[2J\u{85}\u{202E}\u{FFFE}é日本"
    private static let shown = #"n\x01\x7f\x09\x0d\x0a\x1b[2J\xc2\x85\xe2\x80\xae\xef\xbf\xbeé日本"#

    @Test("No error's text has a control character, an invisible one or a noncharacter")
    func descriptions() {
        let (path, reason) = (Self.awkward, Self.awkward)
        let errors: [TaskError] = [
            .inputMissing(path: path, reason: reason), .inputChanged(path: path, reason: reason),
            .inputUnreadable(path: path, reason: reason), .recordTooLong(path: path, offset: 0, byteCountMax: 1),
            .sumOverflow(key: bytes(Self.awkward)), .corruptMapOutput(path: path, reason: reason),
            .corruptSegment(sourceIndex: 0, path: path, reason: reason), .readerFailed(path: path, reason: reason),
            .outputFailed(path: path, reason: reason), .temporaryFailed(path: path, errorNumber: ENOSPC),
        ]
        for error in errors {
            #expect(error.description.contains(Self.shown))
            #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0xFFFE })
        }
        let cut = TaskError.sumOverflow(key: [UInt8(ascii: "k"), 0xFF, 0]).description
        #expect(cut.contains(#"key "k\xff\x00""#))
    }

    @Test("An input whose name is no text is named by its bytes")
    func inputName() {
        let file = InputFile(path: bytes("/none/a\\") + [0xFF, 10], name: [], byteCount: 0, modifiedNanoseconds: 0)
        let error = #expect(throws: TaskError.self) { try FileInputSource(file) }
        #expect(error == .inputMissing(path: #"/none/a\\xff\x0a"#, reason: "No such file or directory"))
    }
}
