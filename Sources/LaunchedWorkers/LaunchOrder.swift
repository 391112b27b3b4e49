/// What a launched worker runs, and with what.
package struct LaunchOrder: Hashable, Sendable {
    package enum Program: Hashable, Sendable {
        /// A path on the master's machine; one that is not absolute is looked up in ``folder``.
        case script([UInt8])
        case code([UInt8])
    }

    package var program: Program
    package var kernel: LaunchKernel?
    /// Cores; nil for as many as it likes.
    package var coreCount: Double?
    /// nil for as much as it likes.
    package var memoryByteCount: Int64?
    package var environment: [String: [UInt8]] = [:]
    /// For people; may be empty.
    package var name = ""
    /// Where it runs: an absolute path.
    package var folder: [UInt8]
    /// How long it waits before it begins: whoever launched it may have to begin to listen.
    package var startDelay: Duration = .zero

    package static let countMax = 256
    package static let coreCounts = 0.01...4_096.0
    /// An interpreter needs some to begin with.
    package static let memoryByteCounts: ClosedRange<Int64> = (16 << 20)...(1 << 50)
    package static let codeByteCountMax = 1 << 20
    package static let nameByteCountMax = 255
    package static let environmentByteCountMax = 64 << 10
    package static let startDelayMax: Duration = .seconds(60)

    package init(program: Program, folder: [UInt8]) {
        self.program = program
        self.folder = folder
    }
}

/// What reads a script.
package enum LaunchKernel: String, Hashable, Sendable, CaseIterable {
    case python3, r, sh, bash

    /// By the names that people use; nil for what is none.
    package init?(named name: String) {
        switch name.lowercased() {
        case "python3", "python": self = .python3
        case "r", "rscript": self = .r
        case "sh": self = .sh
        case "bash": self = .bash
        default: return nil
        }
    }

    package static let names = "python3, r, sh, bash"

    /// What is to be run, before the script's path.
    package var words: [String] {
        switch self {
        case .python3: ["python3", "-u"]
        case .r: ["Rscript"]
        case .sh: ["sh"]
        case .bash: ["bash"]
        }
    }

    /// By the end of a script's name; nil where that says nothing.
    init?(path: [UInt8]) {
        let name = String(decoding: path, as: UTF8.self)
        guard let dot = name.lastIndex(of: ".") else { return nil }
        switch name[dot...] {
        case ".py": self = .python3
        case ".r", ".R": self = .r
        case ".sh": self = .sh
        case ".bash": self = .bash
        default: return nil
        }
    }
}

extension LaunchOrder {
    /// The words to be run before the script's path: those of the kernel that was named, else of the first line (`#!`), else
    /// by the end of the name; code is Python by itself.
    ///
    /// - Parameter head: What the script begins with.
    /// - Returns: nil where nobody can say.
    package func interpreter(head: [UInt8]) -> [[UInt8]]? {
        if let kernel { return kernel.words.map { Array($0.utf8) } }
        if let words = Self.firstLineWords(head) { return words }
        switch program {
        case .code: return LaunchKernel.python3.words.map { Array($0.utf8) }
        case .script(let path): return LaunchKernel(path: path)?.words.map { Array($0.utf8) }
        }
    }

    /// As the kernel reads them: the interpreter, and the rest of the line as one word.
    static func firstLineWords(_ head: [UInt8]) -> [[UInt8]]? {
        guard head.starts(with: "#!".utf8) else { return nil }
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == 13 }
        let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }.drop(while: isBlank)
        let interpreter = line.prefix { !isBlank($0) }
        guard !interpreter.isEmpty, !line.contains(0) else { return nil }
        var rest = Array(line.dropFirst(interpreter.count).drop(while: isBlank))
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return [Array(interpreter)] + (rest.isEmpty ? [] : [rest])
    }
}
