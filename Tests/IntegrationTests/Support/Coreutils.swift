import Testing

/// The texts that come with the project.
enum SampleData {
    /// Absolute paths.
    static var files: [[UInt8]] {
        Files.texts(in: Programs.package + "/sample-data").filter { $0.hasSuffix(".txt") }
            .map { Array("\(Programs.package)/sample-data/\($0)".utf8) }
    }
}

/// The same results by programs that share nothing with ours.
enum Coreutils {
    struct WordCount {
        let word: [UInt8]
        let count: Int
    }

    /// Sorted bytewise.
    static func wordCounts(of files: [[UInt8]], _ cluster: Cluster) async throws -> [WordCount] {
        let script = "cat \"$@\" | tr -s ' \\t\\n\\v\\f\\r' '\\n' | sort | uniq -c"
        let output = try await run(["/bin/sh", "-c", script, "sh"].map { Array($0.utf8) } + files, cluster)
        return try output.split(separator: 10).compactMap { line in
            let trimmed = line.drop { $0 == 0x20 }
            let digits = trimmed.prefix { $0 != 0x20 }
            let word = Array(trimmed.dropFirst(digits.count + 1))
            let count = try #require(Int(String(decoding: digits, as: UTF8.self)))
            // tr leaves an empty line where the text begins with white space.
            return word.isEmpty ? nil : WordCount(word: word, count: count)
        }
    }

    /// `file:line TAB text`, sorted.
    static func grep(_ pattern: String, _ cluster: Cluster) async throws -> [String] {
        let names = cluster.inputs.map(\.name)
        let command = ["/bin/sh", "-c", "grep -nHE -- \"$@\"", "sh", pattern].map { Array($0.utf8) }
        return try await run(command + names, cluster).split(separator: 10).map { line in
            // file:line:text; the file names of the tests have no colon.
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            try #require(parts.count == 3)
            return String(decoding: parts[0] + [0x3a] + parts[1] + [9] + parts[2], as: UTF8.self)
        }.sorted()
    }

    private static func run(_ command: [[UInt8]], _ cluster: Cluster) async throws -> [UInt8] {
        let process = try cluster.start("coreutils", command)
        let exit = try await process.waitForExit()
        try #require(exit == .code(0), "\(process.standardError)")
        return process.standardOutput
    }
}

extension Cluster {
    /// The lines of all parts, sorted.
    func partLines(_ count: Int) throws -> [String] {
        try (0..<count).flatMap { index in
            try Files.read(path("out/\(Invariants.partName(index))")).split(separator: 10)
                .map { String(decoding: $0, as: UTF8.self) }
        }.sorted()
    }
}
