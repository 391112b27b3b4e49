import CommandSupport
import Coordinator
import LocalMachine
import Master
import Model

/// Why a job failed: a paragraph that names the task, what it read, and its last error with all of its lines, and then each
/// different setback once.
enum FailureText {
    static func of(_ failure: JobFailure, files: [InputFile]) -> String {
        guard let task = failure.task else { return "the job failed: \(NoticeText.shown(failure.reason))" }
        var text = "the job failed at \(task)"
        if !failure.pieces.isEmpty { text += " (\(range(of: failure.pieces, files: files)))" }
        text += ": \(shownLines(failure.reason))"
        for setback in RepeatedSetback.all(in: failure.history) {
            let isLast = failure.reason.hasSuffix(setback.error)
            text += "\n  \(shownLines(setback.heading))\(isLast ? "as above" : shownLines(setback.reason))"
        }
        for record in failure.skipped.prefix(skippedMax) { text += "\n  \(shown(record, files: files))" }
        if failure.skipped.count > skippedMax { text += "\n  and \(failure.skipped.count - skippedMax) more" }
        return text
    }

    private static let skippedMax = 20

    private static func shown(_ record: SkippedRecord, files: [InputFile]) -> String {
        let place =
            switch record.place {
            case .record(let file, let offset, let byteCount):
                "\(name(ofFile: file, files)) bytes \(offset) to \(offset + byteCount)"
            case .group(let key, _, let valueCount):
                "key '\(DisplayName.of(Array(key.prefix(100))))', \(valueCount) values"
            }
        return "\(place): the program \(NoticeText.shown(record.ending))"
    }

    private static func name(ofFile index: Int, _ files: [InputFile]) -> String {
        files.indices.contains(index) ? DisplayName.of(files[index].name) : "?"
    }

    /// What to type to learn more.
    static func hint(_ failure: JobFailure, _ left: FailureLeft, output: [UInt8]) -> String {
        let place = output == Array(JobRequest.outputDefault.utf8) ? "" : " --output \(ShellWord.of(output))"
        let task = left.hasLogs ? failure.task : nil
        let logs = task.map { "; what its programs wrote: mr-ctl logs \($0.name)\(place)" } ?? ""
        return "\nmore of it: mr-ctl diagnose\(place)\(logs)"
    }

    private static func shownLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { NoticeText.shown(String($0)) }
            .joined(separator: "\n")
    }

    private static func range(of pieces: [SplitPiece], files: [InputFile]) -> String {
        let shown: String = pieces.prefix(3).map { piece in
            return "\(name(ofFile: piece.fileIndex, files)) bytes \(piece.offset) to \(piece.offset + piece.byteCount)"
        }.joined(separator: ", ")
        return pieces.count > 3 ? shown + " and \(pieces.count - 3) more" : shown
    }
}
