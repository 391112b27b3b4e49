import ArgumentParser
import CommandSupport
import WorkerProtocol
import XMLRPC

struct LaunchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "launch",
        abstract:
            "Runs a script on the master's machine, once or several times side by side (mr-master --allow-launch).",
        discussion: """
            A script's name is looked up in the current folder, on the master's machine, and it runs there. Its first line (#!) says what runs it, else the end of its name (.py, .R, .sh). \
            Prints a line for each worker that was launched; 'mr-ctl await' waits for them. They end with the master.
            """)

    @Option(name: .customShort("n"), help: ArgumentHelp("How many.", valueName: "n"))
    var count = "1"

    @Option(
        help: ArgumentHelp("Cores that each may keep busy, as in 0.5 or 2. (default: no limit)", valueName: "cores"))
    var cpu: String?

    @Option(
        help: ArgumentHelp(
            "The memory that each may use, with all that it starts, as in 512M. (default: no limit)", valueName: "size")
    )
    var memory: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A variable in the environment of each; may be repeated.", valueName: "name=value"))
    var env: [String] = []

    @Option(help: ArgumentHelp("What runs it: python3, r, sh or bash.", valueName: "kernel"))
    var kernel: String?

    @Option(help: ArgumentHelp("A name to know them by.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Text to run in place of a script, Python by itself.", valueName: "text"))
    var code: String?

    @Flag(help: "Print one JSON object for each worker, on a line of its own.")
    var json = false

    @OptionGroup var master: MasterPlace

    @Argument(help: ArgumentHelp("The script.", valueName: "script"))
    var script: String?

    /// A machine at its limits takes a while to start so many processes.
    private static let launchMax: Duration = .seconds(60)

    func run() async throws {
        let order = try order()
        try await withMaster(at: master.entry(guesses: true)) { master in
            let answer = try await master.call(MethodName.launchWorkers, [.structure(order)], timeout: Self.launchMax)
            guard let workers = answer.asArray else {
                throw ProgramFailure.jobFailed("the master's answer is no list of workers; use its own mr-ctl")
            }
            try LaunchedTable.deliver(workers, json: json)
        }
    }

    private func order() throws -> [String: XMLRPCValue] {
        guard (script == nil) != (code == nil) else {
            throw ProgramFailure.wrongUsage(
                script == nil
                    ? "name a script, or give --code"
                    : "a script and --code are two things to run; leave one of them out")
        }
        guard let count = Int32(count), count > 0 else {
            throw ProgramFailure.wrongUsage("-n '\(TerminalText.line(self.count))' is not a whole number of 1 or more")
        }
        guard let folder = ProgramEnvironment.currentFolder else {
            throw ProgramFailure.wrongUsage("the folder that this was started in is gone; change to another one")
        }
        var order: [String: XMLRPCValue] = ["n": .int(count), "folder": .base64(folder)]
        if let script { order["script"] = .base64(RawArguments.bytes(of: script)) }
        if let code { order["code"] = .base64(RawArguments.bytes(of: code)) }
        if let kernel { order["kernel"] = .string(TerminalText.line(kernel)) }
        if let name { order["name"] = .string(TerminalText.line(name)) }
        if let cpu {
            guard let cores = Double(cpu), cores > 0, cores.isFinite else {
                throw ProgramFailure.wrongUsage(
                    "--cpu '\(TerminalText.line(cpu))' is not a number of cores; write it like 0.5 or 2")
            }
            order["cpu"] = .double(cores)
        }
        if let memory {
            guard let size = ByteSize(memory) else {
                throw ProgramFailure.wrongUsage(
                    "--memory '\(TerminalText.line(memory))' is not a size; write it like 512M or 2GiB")
            }
            order["memory"] = .double(Double(size.byteCount) / 1_073_741_824)
        }
        if !env.isEmpty { order["env"] = .structure(try variables()) }
        return order
    }

    private func variables() throws -> [String: XMLRPCValue] {
        var variables: [String: XMLRPCValue] = [:]
        for text in env {
            let bytes = RawArguments.bytes(of: text)
            guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")), equals > 0 else {
                throw ProgramFailure.wrongUsage("--env '\(TerminalText.line(text))' is not NAME=VALUE")
            }
            variables[TerminalText.line(String(decoding: bytes[..<equals], as: UTF8.self))] =
                .base64(Array(bytes[(equals + 1)...]))
        }
        return variables
    }
}
