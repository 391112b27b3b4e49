import Glibc

/// What `sort` of coreutils makes of lines.
package struct SortOpinion {
    private let folder: TemporaryFolder

    package init() throws { folder = try TemporaryFolder() }

    package struct Trouble: Error { let command: String }

    /// - Parameter lines: Without LF.
    package func callAsFunction(_ lines: [[UInt8]], _ options: String) throws -> [[UInt8]] {
        let path = folder.path
        guard let input = fopen("\(path)/in", "wb") else { throw Trouble(command: "fopen") }
        for line in lines { fwrite(line + [10], 1, line.count + 1, input) }
        fclose(input)
        let command = "LC_ALL=C sort \(options) \(path)/in > \(path)/out"
        guard system(command) == 0, let output = fopen("\(path)/out", "rb") else { throw Trouble(command: command) }
        defer { fclose(output) }
        var sorted: [[UInt8]] = [[]]
        while true {
            let byte = fgetc(output)
            if byte == EOF { break }
            if byte == 10 { sorted.append([]) } else { sorted[sorted.count - 1].append(UInt8(byte)) }
        }
        return sorted.dropLast()
    }
}
