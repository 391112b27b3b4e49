import ApplicationAPI
import Applications
import CommandSupport
import Model
import Streaming

/// What the command line says of the form of input and output.
enum FormFlags {
    static func forms(
        of options: MasterOptions, _ application: String, _ applicationOptions: [String: [UInt8]]
    ) throws(ProgramFailure) -> DataForms {
        let input = try options.forms.inputFormat.map { text throws(ProgramFailure) in try inputForm(text) }
        if let input, input != .lines, application == Streaming.name, applicationOptions["mapper"] == nil {
            throw .wrongUsage(
                "--input-format \(input.text) goes with a --mapper; without one the input is lines KEY TAB VALUE, so leave it out"
            )
        }
        if input == .file, options.forms.skipHeader {
            throw .wrongUsage(
                "--skip-header passes over the first record of each file, and with --input-format file that is all; leave one of them out"
            )
        }
        if input == .file, options.packFiles {
            throw .wrongUsage(
                "--pack-files gives one mapper several files, and with --input-format file each has one of its own; leave one of them out"
            )
        }
        return DataForms(
            input: input, skipsHeaders: options.forms.skipHeader,
            output: try outputForm(options, application, applicationOptions),
            compression: try options.forms.compress.map { text throws(ProgramFailure) in try compression(text) })
    }

    private static func compression(_ text: String) throws(ProgramFailure) -> OutputCompression {
        guard let compression = OutputCompression(rawValue: text) else {
            throw .wrongUsage("--compress '\(text)' is none of \(OutputCompression.choices)")
        }
        return compression
    }

    private static func outputForm(
        _ options: MasterOptions, _ application: String, _ applicationOptions: [String: [UInt8]]
    ) throws(ProgramFailure) -> OutputForm {
        let text = options.forms.outputFormat
        guard let form = OutputForm(rawValue: text) else {
            throw .wrongUsage("--output-format '\(text)' is none of \(OutputForm.choices)")
        }
        let registry = ApplicationRegistry(BuiltInApplications.all + [Streaming.self])
        // Whether an application of somebody's own can do it, the tasks find out.
        guard form != .text, let made = try? registry.make(application, options: applicationOptions) else {
            return form
        }
        guard made.writesPairs else {
            throw .wrongUsage(
                "--output-format \(text) is for applications that write keys and values, and '\(application)' writes lines; leave it out"
            )
        }
        return form
    }

    private static func inputForm(_ text: String) throws(ProgramFailure) -> InputForm {
        guard let form = InputForm(text) else {
            throw .wrongUsage(
                "--input-format '\(text)' is none of \(InputForm.choices), where N is a whole number of bytes from 1 to \(InputForm.fixedByteCountMax)"
            )
        }
        return form
    }
}
