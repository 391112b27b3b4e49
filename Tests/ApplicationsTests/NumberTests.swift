import ApplicationAPI
import Applications
import TaskRuntime
import Testing

/// sum, min, max and mean.
@Suite struct NumberTests {
    private let text = "b\t2\na\t1.5\nb\t-1\r\n\t7\nb\t 5 \ta"

    private func figure(_ name: String, _ text: String, _ options: [String: String] = [:]) throws -> String {
        String(decoding: try run(name, options: options, [("f.tsv", Array(text.utf8))]), as: UTF8.self)
    }

    @Test(
        "Each key has its figure",
        arguments: [
            ("sum", "\t7\na\t1.5\nb\t6\n"), ("min", "\t7\na\t1.5\nb\t-1\n"), ("max", "\t7\na\t1.5\nb\t5\n"),
            ("mean", "\t7\na\t1.5\nb\t2\n"),
        ])
    func figures(name: String, expected: String) throws {
        #expect(try figure(name, text) == expected)
        #expect(try figure(name, "") == "")
    }

    @Test("A sum that 64 bits can't hold is exact all the same")
    func largeSum() throws {
        let line = "k\t9223372036854775807\n"
        #expect(try figure("sum", line + line + line) == "k\t27670116110564327421\n")
        #expect(try figure("mean", line + line) == "k\t9223372036854775807\n")
    }

    @Test("Key and number are taken from the fields that options number")
    func fields() throws {
        let options = ["field": "3", "number": "1", "separator": ","]
        #expect(try figure("sum", "1,x,a\n2,y,b\n3,z,a\n4\n", options) == "\t4\na\t4\nb\t2\n")
    }

    @Test(
        "Where records are no lines, the record without a number is named",
        arguments: [
            (RecordFormat.csv, "a,\"x\ny\",1\nb,,2\nc,,\"three\n\"\n", "record 3 of f.tsv: field 3, "),
            (.nulTerminated, "a,b,1\0\nc,d\0", "record 2 of f.tsv has no field 3"),
            (.fixedLength(byteCount: 4), "a,,1b,,x", "record 2 of f.tsv: field 3, "),
        ])
    func badRecord(format: RecordFormat, text: String, expected: String) throws {
        for name in ["sum", "min", "max", "mean"] {
            let application = try ApplicationRegistry(BuiltInApplications.all)
                .make(name, options: ["separator": Array(",".utf8), "number": Array("3".utf8)])
            let error = #expect(throws: (any Error).self) {
                try SequentialRun.parts(
                    application, files: [(Array("f.tsv".utf8), Array(text.utf8))], partitionCount: 1,
                    records: RecordRule(format: format))
            }
            #expect("\(error.map { "\($0)" } ?? "")".hasPrefix(expected))
        }
    }

    @Test("A mean is rounded as an option says")
    func decimals() throws {
        #expect(try figure("mean", "a\t1\na\t1\na\t0") == "a\t0.666666667\n")
        #expect(try figure("mean", "a\t1\na\t1\na\t0", ["decimals": "2"]) == "a\t0.67\n")
    }

    @Test(
        "A line without a number is named",
        arguments: [
            (
                "a\t1\nb\n",
                "line 2 of f.tsv has no field 2, where its number should be; name another with --option number=N, or another separator"
            ),
            ("a\t1\n\n", "line 2 of f.tsv has no field 2"),
            ("a\tx\u{0}y", #"line 1 of f.tsv: field 2, "x\#u{0}y", is no number; write numbers like 12, -0.5 or 1e3"#),
            ("a\t1e19", #"line 1 of f.tsv: field 2, "1e19", has more than 19 digits before the decimal point"#),
            ("a\t1e-37", #"line 1 of f.tsv: field 2, "1e-37", has more than 36 digits after the decimal point"#),
        ])
    func badLine(text: String, expected: String) {
        let error = #expect(throws: (any Error).self) { try figure("sum", text) }
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix(expected))
    }

    @Test(
        "Options that can't be used are refused",
        arguments: [
            ("field", "0", "is not from 1 to 1000000"), ("number", "x", "is not a whole number"),
            ("separator", "ab", "is not one byte other than a newline"), ("separator", "", "is not one byte"),
            ("decimals", "37", "is not from 0 to 36"),
        ])
    func wrongOption(name: String, value: String, problem: String) {
        let error = #expect(throws: ApplicationOptionError.self) { try figure("mean", "", [name: value]) }
        #expect(error?.option == name)
        #expect(error?.problem.hasPrefix(problem) == true)
    }
}
