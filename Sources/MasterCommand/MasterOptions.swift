import ArgumentParser
import CommandSupport

/// The command line of `mr-master`, as typed.
struct MasterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The application to run: one of --list-apps, or one that your own workers bring. (default: wordcount, or streaming where it has programs)",
            valueName: "app"))
    var app: String?

    @Flag(
        help: "List the applications with their options and an example each, and run nothing; --json does it as JSON.")
    var listApps = false

    @Option(
        help: ArgumentHelp(
            "streaming: a command line that reads input lines and writes lines KEY TAB VALUE.", valueName: "command"))
    var mapper: String?

    @Option(
        help: ArgumentHelp(
            "streaming: a command line that reads lines KEY TAB VALUE sorted by key and writes the part.",
            valueName: "command"))
    var reducer: String?

    @Option(
        help: ArgumentHelp(
            "streaming: a command line like the reducer's, run on the sorted output of each mapper.",
            valueName: "command"))
    var combiner: String?

    @Option(
        help: ArgumentHelp(
            "streaming: a program that for so long neither takes input nor writes is killed, and its attempt fails; 0 for never. (default: 600)",
            valueName: "seconds"))
    var taskProgressTimeout: String?

    @Option(
        help: ArgumentHelp(
            "streaming: leave out up to this many records in the whole job on which a program fails, and list them in the file _SKIPPED of the output folder.",
            valueName: "n"))
    var skipBadRecords = "0"

    @Option(
        help: ArgumentHelp(
            "streaming: the memory that each program may use, with all that it starts. (default: no limit)",
            valueName: "size"))
    var taskMemory: String?

    @Option(
        help: ArgumentHelp(
            "streaming: how many processes and threads each program may have. (default: no limit)", valueName: "n"))
    var taskProcesses: String?

    @Option(
        help: ArgumentHelp(
            "streaming: how many cores each program may keep busy, as in 0.5 or 2. (default: no limit)",
            valueName: "cores"))
    var taskCpus: String?

    @Option(
        help: ArgumentHelp(
            "streaming: the most that a file may have which a program writes. (default: no limit)", valueName: "size"))
    var taskFileSize: String?

    @Option(
        help: ArgumentHelp(
            "streaming: how many files each process of a program may have open. (default: the worker's limit)",
            valueName: "n"))
    var taskOpenFiles: String?

    @Option(
        name: .customLong("env"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "streaming: a variable in the environment of every program; may be repeated.", valueName: "name=value"))
    var env: [String] = []

    @Flag(
        help:
            "streaming: let a mapper read several small files, one after the other. (Otherwise each is read by one that finds its name in mapreduce_map_input_file.)"
    )
    var packFiles = false

    @OptionGroup var keys: KeyOptions
    @OptionGroup var shipped: ShippedFileOptions

    @Option(
        help: ArgumentHelp(
            "Number of reduce tasks, and so of parts; 0 for programs without a reduce step, where each mapper writes a part. (default: 4; for sort and uniq one for each 64 MiB of input, if that is more; for top 1)",
            valueName: "r"))
    var reduces: String?

    @Option(
        name: .customLong("inputs-from"),
        help: ArgumentHelp(
            "A file with names of more input, one a line, or with NUL after each; - is standard input. May be repeated.",
            valueName: "file"))
    var inputLists: [String] = []

    @Flag(help: "Read the folders in input folders too.")
    var recursive = false

    @Flag(
        name: .customLong("no-decompress"),
        help: "Read files that are compressed with gzip, bzip2, xz or zstd as they are, in place of what they hold.")
    var noDecompress = false

    @OptionGroup var forms: FormOptions

    @Option(help: ArgumentHelp("Folder for the parts; made when missing.", valueName: "dir"))
    var output = JobRequest.outputDefault

    @Option(
        help: ArgumentHelp(
            "Make one file of all parts when the job is done, in the order of its keys. The parts stay.",
            valueName: "file"))
    var merge: String?

    @Flag(help: "Replace the parts that the output folder holds; they go when the first part of this job is ready.")
    var overwrite = false

    @Flag(
        help:
            "Begin again from nothing when the output folder holds an interrupted job, which would go on otherwise; its own parts go."
    )
    var restart = false

    @Flag(help: "Keep no journal in the output folder: a job that is interrupted can't go on.")
    var noJournal = false

    @Option(
        help: ArgumentHelp(
            "Where to listen; port 0 picks one. Other machines reach it at :8000, which is every IPv4 address of this one ([::]:8000 is every address), or at one of them: then TLS is on, and workers join with a line that is printed.",
            valueName: "host:port"))
    var listen = "127.0.0.1:8000"

    @Option(
        help: ArgumentHelp(
            "The name or address that other machines reach this one at. (default: what its routes tell)",
            valueName: "host"))
    var advertise: String?

    @Option(
        name: .customLong("token-ttl"),
        help: ArgumentHelp(
            "Workers may join for so long, as in 90s, 30m, 12h or 7d; those that have joined go on. (default: as long as the job runs)",
            valueName: "time"))
    var tokenLifetime: String?

    @Option(
        name: .customLong("tls-cert"),
        help: ArgumentHelp(
            "A certificate of your own for TLS, in PEM, with those that vouch for it. (default: one that is made)",
            valueName: "file"))
    var tlsCertificate: String?

    @Option(name: .customLong("tls-key"), help: ArgumentHelp("Its key, in PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(
        name: .customLong("tls-client-ca"),
        help: ArgumentHelp(
            "Let in only who shows a certificate that these authorities vouch for, beside the secret.",
            valueName: "file"))
    var tlsClientAuthorities: String?

    @Option(help: ArgumentHelp("Start this many workers here, one slot each.", valueName: "n"))
    var workers = "0"

    @Option(
        help: ArgumentHelp(
            "The worker program for --workers. (default: mr-worker beside this program)", valueName: "path"))
    var workerProgram: String?

    @Option(
        help: ArgumentHelp(
            "Memory for the tables of one task of --workers; mr-worker has the same option. (default: 128MiB)",
            valueName: "size"))
    var taskBuffer: String?

    @Option(help: ArgumentHelp("Silence after which a task goes to another worker.", valueName: "seconds"))
    var taskTimeout = "10"

    @Option(
        help: ArgumentHelp(
            "The most input of one map task. (default: up to 64MiB, less when there is little input)", valueName: "size"
        ))
    var splitSize: String?

    @Option(
        help: ArgumentHelp(
            "Compress map output on its way between machines: auto (where a link is slow enough for that to pay), always or never. The parts are the same.",
            valueName: "when"))
    var compressIntermediate = "auto"

    @Flag(
        help:
            "Give no task to a second worker because it takes much longer than others did. (When all is handed out, the first of two to finish counts.)"
    )
    var noBackupTasks = false

    @Flag(help: "Let any program on this machine in, without the token; with --plain-http and --listen, any machine.")
    var noAuth = false

    @Flag(
        name: .customLong("plain-http"),
        help: "No TLS where other machines can reach the master; there only together with --no-auth.")
    var plainHTTP = false

    @Flag(
        help:
            "Stay up and run the jobs that mr-ctl submit brings, side by side, until Ctrl-C; the same command line goes on with those that are not over."
    )
    var serve = false

    @Flag(
        help:
            "Let whoever has the role admin run scripts on this machine, as your user: launch_workers of the protocol, and mr-ctl launch. They end with the master."
    )
    var allowLaunch = false

    @Option(
        help: ArgumentHelp("serve: the folder that remembers the queue; made when missing.", valueName: "dir"))
    var state = "mr-queue"

    @Flag(help: "Print the summary as one JSON object on standard output.")
    var json = false

    @Flag(help: "wordcount, top, ngrams: count words without regard to ASCII case.")
    var lowercase = false

    @Flag(help: "wordcount, top, ngrams: words are runs of ASCII letters.")
    var letters = false

    @Option(help: ArgumentHelp("grep: the POSIX extended regular expression to look for; needed.", valueName: "regex"))
    var pattern: String?

    @Flag(help: "sort: write each line once.")
    var unique = false

    @Option(
        name: .customLong("option"),
        help: ArgumentHelp("An option of the application, as KEY=VALUE; may be repeated.", valueName: "key=value"))
    var options: [String] = []

    @Argument(
        help: ArgumentHelp(
            "Files, folders (not what is below them), or quoted patterns; - is standard input, and such a job can't go on after an interruption.",
            valueName: "input"))
    var inputs: [String] = []
}
