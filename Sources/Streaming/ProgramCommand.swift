/// What a program is started with.
struct ProgramCommand: Hashable, Sendable {
    /// As the job has it.
    let text: [UInt8]
    /// A program's absolute path and its arguments; nil for a command line of the shell's.
    var words: [[UInt8]]?
}
