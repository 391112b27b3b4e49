import ArgumentParser
import CommandSupport

/// What `mr-master --help` says, around ``MasterOptions``.
struct MasterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mr-master",
        abstract: "Plans a MapReduce job over the input and serves it to mr-worker processes.",
        discussion: """
            Start workers in other terminals with: mr-worker. Or let the master start some itself: --workers 2.
            With --then, what follows is another step, which reads the output of the one before it; --output is where the last one writes.
            A second Ctrl-C ends the master at once.
            Exit codes: 0 all parts are in place; 1 the job failed; 64 it could not begin (wrong usage, input, output or \
            port); 130 interrupted, or cancelled by mr-ctl.
            """, version: ProgramVersion.current)

    @OptionGroup var options: MasterOptions
}
