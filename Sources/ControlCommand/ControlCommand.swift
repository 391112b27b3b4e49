import ArgumentParser
import CommandSupport

/// What `mr-ctl --help` says. Each subcommand has a file of its own, and is listed here.
struct ControlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ControlMain.programName,
        abstract:
            "Submits jobs and looks at them, says why they do not go on, lets workers in and sends them away. Speaks to any XML-RPC program.",
        discussion: """
            A master is found as mr-worker finds it: at 127.0.0.1:8000, or where HOST:PORT or --master says, with the token that it \
            left for programs of the same user; one on another machine by a line that 'mr-ctl token' printed there (--join, or $MR_JOIN_FILE).
            Exit codes: 0 all is well; 64 wrong usage; 65 decode or encode has read what is no document; 1 anything else.
            """,
        version: ProgramVersion.current,
        subcommands: [
            SubmitCommand.self, ListCommand.self, WaitCommand.self, PauseCommand.self, ResumeCommand.self,
            PriorityCommand.self, StatusCommand.self, TasksCommand.self, WorkersCommand.self, WhyCommand.self,
            LogsCommand.self,
            LaunchCommand.self, AwaitCommand.self, OutputCommand.self, StopCommand.self,
            DiagnoseCommand.self, DrainCommand.self, KickCommand.self, CancelCommand.self, TokenCommand.self,
            CenterCommand.self, CallCommand.self, MethodsCommand.self,
            DecodeCommand.self, EncodeCommand.self, ServeValidatorCommand.self, ConformCommand.self,
        ])
}
