import Model

extension DataForms: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(input?.text ?? "")
        writer.write(skipsHeaders)
        writer.write(output.rawValue)
        writer.write(compression?.rawValue ?? "")
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let text = try reader.text()
        let input = InputForm(text)
        guard text.isEmpty || input != nil else { throw reader.error("input format '\(text)'") }
        let skipsHeaders = try reader.bool()
        let outputText = try reader.text()
        guard let output = OutputForm(rawValue: outputText) else { throw reader.error("output format '\(outputText)'") }
        let packing = try reader.text()
        let compression = OutputCompression(rawValue: packing)
        guard packing.isEmpty || compression != nil else { throw reader.error("compression '\(packing)'") }
        self.init(input: input, skipsHeaders: skipsHeaders, output: output, compression: compression)
    }
}
