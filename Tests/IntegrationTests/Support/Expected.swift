import ApplicationAPI
import Applications
import TaskRuntime

/// What the parts of a job must be.
enum Expected {
    /// By the sequential run of word count.
    static func parts(_ cluster: Cluster, reduces: Int = 4) throws -> [[UInt8]] {
        try parts("wordcount", [:], cluster, reduces: reduces)
    }

    /// By the sequential run of the same application.
    static func parts(_ application: String, _ options: [String: [UInt8]], _ cluster: Cluster, reduces: Int = 4) throws
        -> [[UInt8]]
    {
        let application = try ApplicationRegistry(BuiltInApplications.all).make(application, options: options)
        return try SequentialRun.parts(application, files: cluster.inputs, partitionCount: reduces)
    }

    /// From lines `key TAB value` that are sorted bytewise by key.
    static func parts(sortedLines: [[UInt8]], reduces: Int) -> [[UInt8]] {
        var parts = [[UInt8]](repeating: [], count: reduces)
        for line in sortedLines {
            parts[part(of: Array(line.prefix { $0 != UInt8(ascii: "\t") }), reduces: reduces)] += line + [10]
        }
        return parts
    }

    static func parts(sortedLines: [String], reduces: Int) -> [[UInt8]] {
        parts(sortedLines: sortedLines.map { Array($0.utf8) }, reduces: reduces)
    }

    static func part(of key: [UInt8], reduces: Int) -> Int {
        key.withUnsafeBytes { TaskRuntime.partition(of: $0, count: reduces) }
    }

    /// An instruction for `scripted` that reduce task `index` meets, and the gate's name.
    static func reduceHold(_ index: Int, reduces: Int) -> (word: String, gate: String) {
        for number in 0... {
            let gate = "reduce\(index)x\(number)"
            let word = "@reduce-hold:\(gate)"
            if part(of: Array(word.utf8), reduces: reduces) == index { return (word, gate) }
        }
        preconditionFailure("more tries than integers")
    }
}
