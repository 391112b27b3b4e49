/// What the command line says of the form of a job's input and output.
package struct DataForms: Hashable, Sendable {
    /// nil: as the application asks for.
    package var input: InputForm?
    /// Whether the first record of each file is passed over.
    package var skipsHeaders: Bool
    package var output: OutputForm
    /// nil: parts are not packed.
    package var compression: OutputCompression?

    /// In what an interrupted job differs from the one that was asked for, as the end of a sentence.
    package func difference(from other: DataForms) -> String {
        if input != other.input {
            return "it had --input-format \(Self.shown(input)), and this has \(Self.shown(other.input))"
        }
        if output != other.output {
            return "it had --output-format \(output.rawValue), and this has \(other.output.rawValue)"
        }
        if compression != other.compression {
            return "it had \(Self.shown(compression)), and this has \(Self.shown(other.compression))"
        }
        return skipsHeaders ? "it had --skip-header, and this has not" : "it had no --skip-header, and this has it"
    }

    private static func shown(_ compression: OutputCompression?) -> String {
        compression.map { "--compress \($0.rawValue)" } ?? "no --compress"
    }

    private static func shown(_ form: InputForm?) -> String { form?.text ?? "by default" }

    package init(
        input: InputForm? = nil, skipsHeaders: Bool = false, output: OutputForm = .text,
        compression: OutputCompression? = nil
    ) {
        self.input = input
        self.skipsHeaders = skipsHeaders
        self.output = output
        self.compression = compression
    }
}
