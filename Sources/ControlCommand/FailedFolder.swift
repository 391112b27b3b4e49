import CommandSupport
import FoundationEssentials
import Glibc
import LocalMachine
import Model

/// What a failed job has left: `_FAILED` in its output folder.
struct FailedFolder {
    private let path: [UInt8]

    /// Bytes of `failure.json` that are read.
    private static let recordByteCountMax = 16 << 20
    private static let logByteCountMax = 1 << 20

    /// - Parameter output: The job's output folder.
    init(_ output: [UInt8]) { path = output + Array("/_FAILED".utf8) }

    var shown: String { "'\(DisplayName.of(path))'" }

    var isThere: Bool { FileBytes.withPath(path + Array("/failure.json".utf8)) { access($0, F_OK) } == 0 }

    /// Of `failure.json`, what is shown to people.
    struct Record: Decodable {
        let text: String
        let task: String
        let ended: String
        let logs: [String]

        /// - Parameter logsPlace: What to type after the task in the advice to look at its logs.
        func text(logsPlace: String) -> String {
            let advice = "mr-ctl logs \(task)"
            return task.isEmpty ? text : text.replacing(advice, with: advice + logsPlace)
        }
    }

    /// The text of `failure.json`.
    func json() throws(ProgramFailure) -> [UInt8] {
        try read("failure.json", byteCountMax: Self.recordByteCountMax)
    }

    func record() throws(ProgramFailure) -> Record {
        do {
            return try JSONDecoder().decode(Record.self, from: Data(try json()))
        } catch let failure as ProgramFailure {
            throw failure
        } catch {
            throw .jobFailed("\(shown) cannot be read: its failure.json is damaged, or of another version")
        }
    }

    /// Those of the task whose logs are there, in order.
    func attempts(of task: TaskID) throws(ProgramFailure) -> [AttemptID] {
        try record().logs.compactMap { AttemptID(name: $0) }.filter { $0.task == task }.sorted()
    }

    func log(_ attempt: AttemptID) throws(ProgramFailure) -> [UInt8] {
        try read("logs/\(attempt.name)", byteCountMax: Self.logByteCountMax)
    }

    private func read(_ name: String, byteCountMax: Int) throws(ProgramFailure) -> [UInt8] {
        let file = FileBytes.withPath(path + Array("/\(name)".utf8)) {
            open($0, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        }
        guard file >= 0 else {
            throw .jobFailed("\(shown) has no '\(name)' that can be read: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < byteCountMax {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
