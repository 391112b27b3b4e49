import Coordinator
import LocalMachine
import Model

/// Why a job failed, in one paragraph that names the task, what it read, and its last error.
enum FailureText {
    static func of(_ failure: JobFailure, files: [InputFile]) -> String {
        guard let task = failure.task else { return "the job failed: \(NoticeText.shown(failure.reason))" }
        var text = "the job failed at \(task)"
        if !failure.pieces.isEmpty { text += " (\(range(of: failure.pieces, files: files)))" }
        text += ": \(NoticeText.shown(failure.reason))"
        for line in failure.history { text += "\n  \(NoticeText.shown(line))" }
        return text
    }

    private static func range(of pieces: [SplitPiece], files: [InputFile]) -> String {
        let shown = pieces.prefix(3).map { piece in
            let name = files.indices.contains(piece.fileIndex) ? DisplayName.of(files[piece.fileIndex].name) : "?"
            return "\(name) bytes \(piece.offset) to \(piece.offset + piece.byteCount)"
        }.joined(separator: ", ")
        return pieces.count > 3 ? shown + " and \(pieces.count - 3) more" : shown
    }
}
