/// Rows of text in columns that are as wide as their widest cell.
struct TextTable {
    private let headings: [String]
    /// Columns of numbers, which stand at the right.
    private let numeric: Set<Int>
    private var rows: [[String]] = []

    init(_ headings: [String], numeric: Set<Int> = []) {
        self.headings = headings
        self.numeric = numeric
    }

    mutating func append(_ row: [String]) {
        precondition(row.count == headings.count, "a row has a cell for each heading")
        rows.append(row)
    }

    /// One line a row, after a line of headings.
    var text: String {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { $0[column].unicodeScalars.count }.max() ?? 0 }
        return all.map { row in line(row, widths) + "\n" }.joined()
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        let cells = row.indices.map { column in
            let gap = String(repeating: " ", count: widths[column] - row[column].unicodeScalars.count)
            if numeric.contains(column) { return gap + row[column] }
            return column == row.count - 1 ? row[column] : row[column] + gap
        }
        return cells.joined(separator: "  ")
    }
}
