import TestSupport
import Testing

extension IntegrationTests {
    /// Read by Python's json, and compared with what the same job writes as text.
    @Suite("Forms of output")
    struct OutputFormatTests {
        /// Turns JSON lines into text, and tells where they are not what json.dumps would write.
        private static let toText = """
            import base64, json, sys
            for line in sys.stdin.buffer:
                made = json.loads(line.decode(), parse_float=str)
                text = []
                for name in sys.argv[1:]:
                    value = made[name]
                    if isinstance(value, int): value = str(value)
                    raw = value.encode()
                    packed = made.get(name + "_base64")
                    if packed is not None:
                        raw = base64.b64decode(packed, validate=True)
                        shown = raw.decode("utf-8", "surrogateescape")
                        shown = "".join("\\ufffd" if "\\udc80" <= c <= "\\udcff" else c for c in shown)
                        if shown != value: sys.exit("%r is shown as %r" % (raw, value))
                        try: raw.decode(); sys.exit("%r is UTF-8" % raw)
                        except UnicodeDecodeError: pass
                    text.append(raw)
                if b"_base64" not in line and "." not in line.decode():
                    if json.dumps(made, ensure_ascii=False).encode() + b"\\n" != line: sys.exit(repr(line))
                sys.stdout.buffer.write(b"\\t".join(text) + b"\\n")
            """

        private static let awkward: [UInt8] = {
            var bytes = Array(
                "plain\t1\nk\u{e4}se\t2.5\n\t7\n\"q\"\\\t-3\n\u{1}\u{8}\u{c}\r\u{7f}\u{2028}\t0.125\n".utf8)
            bytes += [0, 9, 0x31, 10, 0xFF, 0xC3, 9, 0x32, 10, 0xE4, 0xB8, 9, 0x33, 10, 0xED, 0xA0, 0x80, 9, 0x34, 10]
            bytes += [
                0xF4, 0x90, 0x80, 0x80, 9, 0x35, 10, 0xC0, 0x80, 9, 0x36, 10, 0xF0, 0x9F, 0x98, 0x80, 9, 0x37, 10,
            ]
            bytes += [0x61, 0xF0, 0x9F, 9, 0x38, 10] + [UInt8](repeating: 0x78, count: 3_000) + [9, 0x39, 10]
            for index in 0..<600 { bytes += Array("key\(index % 9)\t\(index)\n".utf8) }
            return bytes + Array("last\t1".utf8)
        }()

        private static let jobs: [[String]] = [
            ["--app", "wordcount"], ["--app", "index"], ["--app", "mean"], ["--app", "top", "--option", "lines=true"],
            ["--mapper", "cat"],
            ["--mapper", "cat", "--reducer", "cat"],
        ]

        private func run(
            _ options: [String], into output: String, _ cluster: Cluster
        ) async throws {
            let master = try cluster.start(
                "master-\(output)",
                [
                    Programs.master, "--listen", "127.0.0.1:0", "--workers", "1", "--output", output, "--merge",
                    "\(output).all",
                ] + options + ["input/a.txt", "input/b,c.txt"])
            #expect(try await master.waitForExit(within: Deadline.long) == .code(0), "\(master.standardError)")
        }

        @Test("JSON lines say what lines of text say, and keys alone are their first fields", arguments: jobs)
        func forms(job: [String]) async throws {
            try await Cluster.with { cluster in
                try Files.write(Self.toText, to: cluster.path("text.py"))
                try cluster.addInput(Array("a.txt".utf8), Self.awkward)
                try cluster.addInput("b,c.txt", "key1\t5\n")
                for form in ["text", "json", "key"] {
                    try await run(job + ["--output-format", form], into: form, cluster)
                }
                let check = try cluster.start(
                    "check",
                    [
                        "/bin/sh", "-e", "-c",
                        """
                        for p in text/part-*; do
                            python3 text.py key value < json/${p#text/} | cmp - $p
                            python3 text.py key < json/${p#text/} | cmp - key/${p#text/}
                        done
                        python3 text.py key value < json.all | cmp - text.all
                        python3 text.py key < json.all | cmp - key.all
                        test -s text.all
                        """,
                    ])
                let exit = try await check.waitForExit(within: Deadline.long)
                #expect(
                    exit == .code(0), "\(check.standardError) \(String(decoding: check.standardOutput, as: UTF8.self))")
            }
        }

        @Test("An application of somebody's own that writes lines fails by name where keys and values are asked for")
        func ownLines() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(
                    ["--output-format", "json", "--app", "lines-of-its-own", "--worker-program", Programs.faultyWorker])
                try cluster.startWorker("w", program: Programs.faultyWorker)
                #expect(try await cluster.master.waitForExit(within: Deadline.long) == .code(1))
                let text = cluster.master.standardError
                #expect(text.contains("lines of its own") && text.contains("--output-format json"), "\(text)")
            }
        }
    }
}
