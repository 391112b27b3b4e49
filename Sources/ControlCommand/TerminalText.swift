import LocalMachine

/// Text from elsewhere, made fit for a terminal: nothing in it moves the cursor or changes colours.
enum TerminalText {
    /// On one line.
    static func line(_ text: String) -> String { DisplayName.of(Array(text.utf8)) }

    /// Its line ends stay.
    static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }.joined(separator: "\n")
    }

    /// A log: line ends and tabs stay, all else that is no printable text becomes an escape.
    static func log(_ bytes: [UInt8]) -> [UInt8] {
        var shown: [UInt8] = []
        shown.reserveCapacity(bytes.count)
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if !shown.isEmpty || line.startIndex > bytes.startIndex { shown.append(UInt8(ascii: "\n")) }
            let cells = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            for (index, cell) in cells.enumerated() {
                if index > 0 { shown.append(UInt8(ascii: "\t")) }
                shown += DisplayName.of(Array(cell)).utf8
            }
        }
        return shown
    }
}
