import ArgumentParser
import CommandSupport
import WorkerProtocol
import XMLRPC

struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Ends launched workers, with all that they have started.",
        discussion: "They get SIGTERM, and SIGKILL 3 s later. 'mr-ctl await' waits for their ends.")

    @Flag(help: "All of them.")
    var all = false

    @Flag(help: "Print one JSON object for each worker, on a line of its own.")
    var json = false

    @OptionGroup var master: MasterPlace

    @Argument(help: ArgumentHelp("Their numbers, as 'mr-ctl workers' shows them, or engine ids.", valueName: "id"))
    var ids: [String] = []

    func run() async throws {
        guard all == ids.isEmpty else {
            throw ProgramFailure.wrongUsage(
                all ? "--all and numbers are both given; leave one of them out" : "name workers, or give --all")
        }
        let ids = try LaunchedName.values(of: ids)
        try await withMaster(at: master.entry(guesses: true)) { master in
            let answer = try await master.call(MethodName.stopWorkers, ids)
            try LaunchedTable.deliver(answer.asArray ?? [], json: json)
        }
    }
}

/// Launched workers by the names that people type.
enum LaunchedName {
    static func values(of texts: [String]) throws(ProgramFailure) -> [XMLRPCValue] {
        try texts.map { text throws(ProgramFailure) in
            if let number = Int32(text) { return .int(number) }
            guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw .wrongUsage("'\(TerminalText.line(text))' is no number and no engine id of a launched worker")
            }
            return .string(text)
        }
    }
}
