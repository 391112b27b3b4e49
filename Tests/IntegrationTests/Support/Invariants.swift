import Glibc
import Testing

/// What must hold after every test, whatever it was about (design.md, section 9).
struct Invariants {
    let cluster: Cluster
    /// What each part must be.
    let parts: [[UInt8]]
    let exit: ChildProcess.Exit
    /// A killed master can't take its token file and its temporary files along.
    var masterWasKilled = false
    /// The job was cut off and can go on: its journal is there, and what it needs.
    var isResumable = false
    /// Records were left out, and are listed.
    var hasSkipped = false

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        checkOutput(sourceLocation: sourceLocation)
        let left = ["scratch"] + (masterWasKilled ? [] : isResumable ? ["state"] : ["tmp", "state"])
        for folder in left {
            #expect(
                // The key stays for the next job, and at a port that was asked for, the secrets that people have.
                Files.texts(in: cluster.path(folder)).filter { $0 != "tls" && !$0.hasSuffix(".access") } == [],
                "nothing is left in \(folder)/",
                sourceLocation: sourceLocation)
        }
        let processes = ProcessTable.marked(with: cluster.path("state"))
        #expect(processes == [], "no process is left", sourceLocation: sourceLocation)
    }

    func checkOutput(sourceLocation: SourceLocation = #_sourceLocation) {
        let names = Files.texts(in: cluster.path("out"))
        checkNames(names, at: sourceLocation)
        checkParts(names, at: sourceLocation)
    }

    private func checkNames(_ names: [String], at sourceLocation: SourceLocation) {
        let whole = Set(parts.indices.map(Self.partName) + ["_SUCCESS"])
        #expect(
            (exit == .code(0)) == (Set(names).isSuperset(of: whole)),
            "exit code 0 means that all parts and _SUCCESS are there, and only it does: \(exit), \(names)",
            sourceLocation: sourceLocation)
        if exit != .code(0) {
            #expect(!names.contains("_SUCCESS"), "no _SUCCESS without success", sourceLocation: sourceLocation)
        }
        #expect(
            names.contains(".mr-journal") == isResumable, "a journal is there when it is needed",
            sourceLocation: sourceLocation)
        #expect(names.contains("_SKIPPED") == hasSkipped, "what was left out is listed", sourceLocation: sourceLocation)
        #expect(
            !names.contains("_FAILED") || exit == .code(1), "nothing but a failed job leaves word of a failure",
            sourceLocation: sourceLocation)
        let others = Set(names).subtracting(whole).subtracting(isResumable ? [".mr-drafts", ".mr-journal"] : [])
            .subtracting(["_FAILED", "_SKIPPED"])
        #expect(others.isEmpty, "nothing else is left in the output folder: \(others)", sourceLocation: sourceLocation)
    }

    /// Also after a failure: what has a final name is whole.
    private func checkParts(_ names: [String], at sourceLocation: SourceLocation) {
        for (index, part) in parts.enumerated() where names.contains(Self.partName(index)) {
            let name = Self.partName(index)
            let found = (try? Files.read(cluster.path("out/\(name)"))) ?? []
            if found != part {
                Issue.record(
                    "\(name) is not what a sequential run gives: \(Self.difference(found, part))",
                    sourceLocation: sourceLocation)
            }
        }
    }

    static func partName(_ index: Int) -> String {
        let digits = String(index)
        return "part-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    private static func difference(_ found: [UInt8], _ expected: [UInt8]) -> String {
        let lines = (found.split(separator: 10), expected.split(separator: 10))
        for (number, (left, right)) in zip(lines.0, lines.1).enumerated() where left != right {
            let texts = [left, right].map { String(decoding: $0.prefix(200), as: UTF8.self) }
            return "line \(number + 1) is '\(texts[0])', not '\(texts[1])'"
        }
        return "\(lines.0.count) lines, not \(lines.1.count)"
    }
}

extension Cluster {
    /// Waits for the end of the job and of every worker, and checks what must hold then.
    ///
    /// - Parameters:
    ///   - code: How mr-master must end.
    ///   - workerCode: How each worker must end that the test hasn't disowned.
    func finish(
        _ parts: [[UInt8]], code: Int32 = 0, workerCode: Int32 = 0, isResumable: Bool = false, hasSkipped: Bool = false,
        within limit: Duration = Deadline.long,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let exit = try await master.waitForExit(within: limit)
        if exit != .code(code) {
            Issue.record("mr-master ended with \(exit): \(allStandardErrors)", sourceLocation: sourceLocation)
        }
        for worker in workers {
            let (exit, wasTooLate) = try await end(of: worker)
            #expect(
                exit == .code(workerCode) || wasTooLate && exit == .code(130),
                "\(worker.name): \(worker.standardError)",
                sourceLocation: sourceLocation)
        }
        Invariants(cluster: self, parts: parts, exit: exit, isResumable: isResumable, hasSkipped: hasSkipped)
            .check(sourceLocation: sourceLocation)
    }

    /// A worker that comes up only after the others have finished the job would wait for the next master, as it should;
    /// it is told to end.
    private func end(of worker: ChildProcess) async throws -> (exit: ChildProcess.Exit, wasTooLate: Bool) {
        var wasTooLate = false
        let exit = try await eventually(
            "the end of \(worker.name)",
            { () -> ChildProcess.Exit? in
                let text = worker.standardError
                if !wasTooLate, text.contains("waiting for a master"), !text.contains("joined") {
                    wasTooLate = true
                    worker.signal(SIGTERM)
                }
                return worker.exit
            }, orTell: { worker.standardError })
        return (exit, wasTooLate)
    }
}
