import LocalMachine
import Model

/// What a task reads, in few words: `in/a.txt bytes 0 to 4096, in/b.txt bytes 0 to 70 and 3 more`.
enum InputText {
    /// - Parameter piecesShownMax: More pieces than this are counted only.
    static func of(_ pieces: [SplitPiece], files: [InputFile], piecesShownMax: Int = 3) -> String {
        let shown: String = pieces.prefix(piecesShownMax).map { piece in
            let name = files.indices.contains(piece.fileIndex) ? DisplayName.of(files[piece.fileIndex].name) : "?"
            return "\(name) bytes \(piece.offset) to \(piece.offset + piece.byteCount)"
        }.joined(separator: ", ")
        let moreCount = pieces.count - piecesShownMax
        return moreCount > 0 ? shown + " and \(moreCount) more" : shown
    }
}

/// Text from other processes on lines of our own: nothing in it moves a cursor, and its line ends stay line ends.
enum ShownLines {
    static func of(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayName.of(Array($0.utf8)) }
            .joined(separator: "\n")
    }

    static func names(_ names: [String], of count: Int) -> String {
        let shown = names.map { DisplayName.of(Array($0.utf8)) }.joined(separator: ", ")
        return count > names.count ? "\(shown) and \(count - names.count) more" : shown
    }
}

/// "1 worker", "2 workers".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
