import Coordinator
import LocalMachine
import Model

/// Why a job failed: a paragraph that names the task, what it read, and its last error with all of its lines, and then a
/// line for each attempt.
enum FailureText {
    static func of(_ failure: JobFailure, files: [InputFile]) -> String {
        guard let task = failure.task else { return "the job failed: \(NoticeText.shown(failure.reason))" }
        var text = "the job failed at \(task)"
        if !failure.pieces.isEmpty { text += " (\(range(of: failure.pieces, files: files)))" }
        text += ": \(lines(of: failure.reason).map(NoticeText.shown).joined(separator: "\n"))"
        for entry in failure.history { text += "\n  \(firstLine(of: entry))" }
        return text
    }

    private static func lines(of text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The last error was shown whole; those before it are most often the same.
    private static func firstLine(of entry: String) -> String {
        let lines = lines(of: entry)
        return NoticeText.shown(lines[0]) + (lines.count > 1 ? " [...]" : "")
    }

    private static func range(of pieces: [SplitPiece], files: [InputFile]) -> String {
        let shown: String = pieces.prefix(3).map { piece in
            let name = files.indices.contains(piece.fileIndex) ? DisplayName.of(files[piece.fileIndex].name) : "?"
            return "\(name) bytes \(piece.offset) to \(piece.offset + piece.byteCount)"
        }.joined(separator: ", ")
        return pieces.count > 3 ? shown + " and \(pieces.count - 3) more" : shown
    }
}
