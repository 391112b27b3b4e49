import Foundation

/// Another program, run to its end.
struct Tool: Sendable {
    let status: Int32
    let output: String

    struct Failure: Error {
        let command: [String]
        let output: String
    }

    /// - Parameter arguments: The program's name first.
    static func run(_ arguments: [String], in folder: String = "/tmp", input: String = "") async throws -> Tool {
        try await onThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            let (output, standardInput) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = output
            process.standardInput = standardInput
            try process.run()
            standardInput.fileHandleForWriting.write(Data(input.utf8))
            standardInput.fileHandleForWriting.closeFile()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return Tool(status: process.terminationStatus, output: text)
        }
    }

    /// What it printed; throws unless it succeeded.
    @discardableResult
    static func succeed(_ arguments: [String], in folder: String = "/tmp", input: String = "") async throws -> String {
        let tool = try await run(arguments, in: folder, input: input)
        guard tool.status == 0 else { throw Failure(command: arguments, output: tool.output) }
        return tool.output
    }
}
