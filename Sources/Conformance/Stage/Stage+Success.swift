import LocalMachine

// How a case ends well.

extension Stage {
    static let stopped = "the answer to its poll said stop"

    /// Waits for the end of the job and of the worker, and looks at every part.
    func expectResult(of input: TrialInput) async throws {
        try await expectEnds()
        try expectParts(of: input)
    }

    /// The same for a job without a reduce step, whose mapper changes nothing: each part is a file.
    func expectLines(of input: TrialInput) async throws {
        try await expectEnds()
        for (index, file) in input.files.enumerated() {
            let part = TrialFiles.read("\(output)/part-0000\(index)") ?? []
            let newline = [UInt8(ascii: "\n")]
            guard part != file + (file.suffix(1) == newline[...] ? [] : newline) else { continue }
            throw wrong("the lines of the input in part-0000\(index)", "'\(Self.shown(part[...]))'")
        }
    }

    private func expectEnds() async throws {
        try await wait(for: "the end of the job", advice: "see what its requests were answered") {
            master.process.exit != nil
        }
        try expectMasterSucceeded()
        try await expectEnd(of: worker, exitCode: 0, after: Self.stopped)
    }

    private func expectMasterSucceeded() throws {
        guard master.process.exit == .code(0) else {
            throw Finding(
                expected: "a job that succeeds", got: "one that did not; of its master \(master.process.lastWords)",
                advice: "see the reason that the worker reported, or why it sent no report")
        }
    }

    /// - Parameter exitCode: nil where any but 0 will do.
    func expectEnd(of worker: TrialProcess, exitCode: Int32?, after cause: String) async throws {
        let expected = exitCode.map { "exit code \($0)" } ?? "an exit code other than 0"
        try await wait(
            for: "its end with \(expected) after \(cause)", within: Self.patience, mayEnd: true,
            advice: "end the process then, with all that it has started"
        ) { worker.exit != nil }
        guard let exit = worker.exit, exitCode.map({ exit == .code($0) }) ?? (exit != .code(0)) else {
            throw Finding(
                expected: "\(expected) after \(cause)", got: "\(worker.exit.map(\.description) ?? "none")",
                advice: "whoever started the worker goes by its exit code; \(worker.lastWords)")
        }
    }

    /// Every key once in all parts, with its count, each part sorted by the bytes of its keys.
    private func expectParts(of input: TrialInput) throws {
        var missing = input.counts
        for index in 0..<2 {
            let name = "part-0000\(index)"
            guard let part = TrialFiles.read("\(output)/\(name)") else {
                throw StageError("the master says that all is done, and there is no \(name)")
            }
            guard part.isEmpty || part.last == UInt8(ascii: "\n") else {
                throw wrong("a newline at the end of \(name)", "none")
            }
            var last: [UInt8]?
            for line in part.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
                let tab = line.lastIndex(of: UInt8(ascii: "\t")) ?? line.endIndex
                let key = Array(line[..<tab])
                let count = Int(String(decoding: line.dropFirst(key.count + 1), as: UTF8.self))
                guard let expected = missing.removeValue(forKey: key) else {
                    throw wrong("only words of the input, each once", "'\(Self.shown(line))' in \(name)")
                }
                guard count == expected else {
                    throw wrong("\(expected) for '\(Self.shown(key[...]))'", "'\(Self.shown(line))' in \(name)")
                }
                if let last, !last.lexicographicallyPrecedes(key) {
                    throw wrong("lines in the order of their keys' bytes", "'\(Self.shown(line))' too late in \(name)")
                }
                last = key
            }
        }
        if let (key, count) = missing.first {
            throw wrong("\(count) for '\(Self.shown(key[...]))'", "no line for it, nor for \(missing.count - 1) others")
        }
    }

    private func wrong(_ expected: String, _ got: String) -> Finding {
        Finding(
            expected: expected, got: got,
            advice: "treat input and output as bytes, and write what reduce reads in its order")
    }

    private static let shownByteCountMax = 80

    private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
        let text = DisplayName.of(Array(bytes.prefix(shownByteCountMax)))
        return bytes.count > shownByteCountMax ? "\(text)... (\(bytes.count) bytes)" : text
    }
}
