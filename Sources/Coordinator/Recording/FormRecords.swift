import Model

extension DataForms: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(input?.text ?? "")
        writer.write(skipsHeaders)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let text = try reader.text()
        let input = InputForm(text)
        guard text.isEmpty || input != nil else { throw reader.error("input format '\(text)'") }
        self.init(input: input, skipsHeaders: try reader.bool())
    }
}
