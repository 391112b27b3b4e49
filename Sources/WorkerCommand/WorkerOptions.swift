import ArgumentParser
import CommandSupport

/// The command line of `mr-worker`, as typed.
struct WorkerOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ProgramEnvironment.programName,
        abstract: "Joins a master, runs the map and reduce tasks that it hands out, and ends with the job.",
        discussion: """
            It may be started before the master: it keeps trying until one answers.
            SIGTERM drains it: it takes nothing more, hands back what runs, serves its map output until nobody needs it, and ends.
            Exit codes: 0 the job is over, or it has drained; 64 wrong usage; 130 interrupted; 1 anything else.
            """, version: ProgramVersion.current)

    @Option(
        help: ArgumentHelp(
            "Where the master listens, on this machine. (default: 127.0.0.1:8000)", valueName: "host:port"))
    var master: String?

    @Option(
        help: ArgumentHelp(
            "The line that mr-master prints for workers on other machines; - reads it from standard input, which nobody sees in a list of processes. $MR_JOIN_FILE may name a file with it.",
            valueName: "line"))
    var join: String?

    @Option(help: ArgumentHelp("Tasks to run at once. (default: the number of cores)", valueName: "n"))
    var slots: String?

    @Option(
        help: ArgumentHelp(
            "What the master calls this worker. (default: host name and process number)", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Folder for temporary files. (default: $TMPDIR or /tmp)", valueName: "dir"))
    var scratch: String?

    @Option(
        help: ArgumentHelp(
            "Memory for the tables of one task; what is beyond goes to the disk. The parts are the same whatever it is.",
            valueName: "size"))
    var taskBuffer = "128MiB"

    @Option(
        help: ArgumentHelp(
            "How long it serves its map output at most when it drains; with 0, SIGTERM ends it like Ctrl-C.",
            valueName: "seconds"))
    var drainTimeout = "300"

    @Option(
        help: ArgumentHelp(
            "With a join line: how long it waits for a master that it has worked for and that does not answer any more.",
            valueName: "seconds"))
    var giveUpAfter = "900"

    @Option(
        name: .customLong("allow-program"),
        help: ArgumentHelp(
            "Run nothing but programs whose absolute path matches, as '/opt/apps/*', or applications of such a name. May be repeated. (default: whatever the master asks for)",
            valueName: "glob"))
    var allowedPrograms: [String] = []

    @Option(
        help: ArgumentHelp(
            "A script of yours, which jobs ask for by its name without what follows the first dot (--app NAME). It is run as 'FILE map' and 'FILE reduce', by what its first line names.",
            valueName: "file"))
    var script: String?

    @Option(help: ArgumentHelp("Another name for --script.", valueName: "name"))
    var scriptName: String?

    @Option(
        name: .customLong("tls-ca"),
        help: ArgumentHelp(
            "The authorities that vouch for the master, in PEM, for a join line with 'ca' in it. (default: the system's)",
            valueName: "file"))
    var authorities: String?

    @Option(
        name: .customLong("tls-cert"),
        help: ArgumentHelp("The certificate to show to a master that asks for one, in PEM.", valueName: "file"))
    var certificate: String?

    @Option(name: .customLong("tls-key"), help: ArgumentHelp("Its key, in PEM.", valueName: "file"))
    var key: String?

    @Flag(
        name: .customLong("plain-http"),
        help:
            "Speak to a master on another machine without TLS and token: one that was started with --no-auth --plain-http."
    )
    var plainHTTP = false

    @Flag(help: "Wait for the next master when the job is over.")
    var stay = false

    @Flag(
        help:
            "Run the worker in a process of its own, and start it again when that dies; the log and mr-ctl workers say of what."
    )
    var supervise = false

    @Option(
        help: ArgumentHelp(
            "Serve data and compute on it, and tell this center what is here, in place of tasks of a master (docs/data.md): its address on this machine, or the line that it prints for other machines; - reads it from standard input.",
            valueName: "host:port or line"))
    var center: String?

    @Option(
        help: ArgumentHelp(
            "With --center: where to listen, with TLS except on a loopback address. (default: where it reaches the center from, any port)",
            valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "With --center: memory for objects; what is beyond goes to the disk. (default: 1GiB)", valueName: "size"))
    var memoryLimit: String?

    @Flag(help: "With --center: let everybody in, where the center does.")
    var noAuth = false

    @Flag(help: "Print nothing but trouble.")
    var quiet = false

    @Flag(
        help: ArgumentHelp(
            "End when standard input ends: the sign that whoever started this worker is gone.", visibility: .hidden))
    var untilEndOfInput = false

    @Option(
        help: ArgumentHelp(
            "Journal of the job: while it exists, map output stays for a master that goes on with it.",
            visibility: .hidden))
    var resumableBy: String?

    @Option(help: ArgumentHelp("How often it was started again.", visibility: .hidden))
    var restarts = 0

    @Option(help: ArgumentHelp("How the one before it ended.", visibility: .hidden))
    var lastEnd = ""
}
