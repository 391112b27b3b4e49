import Testing

extension IntegrationTests {
    @Suite("Python", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct PythonTests {
        @Test("xmlrpc.client calls every public method, with the token as Basic and as Bearer, and gets 401 without")
        func everyMethod() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(100, seed: 80))
                try await cluster.startMaster(["--split-size", "500"])
                let python = try await cluster.runPython("every_method.py", [try cluster.pythonURL])
                #expect(python.exit == .code(0), "\(python.standardError)")
                #expect(python.standardOutput.starts(with: Array("called ".utf8)))
                try cluster.startWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("The example worker does the map tasks alone, and the counts are the same bytes")
        func alone() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(150, seed: 81))
                try cluster.addInput("b.txt", "naïve \u{1F40D} e\u{301} <&> ]]> \"x\"\r\nlast")
                try await cluster.startMaster(["--split-size", "700", "--json"])
                try cluster.startPythonWorker()
                try await cluster.mapsLeft(0)
                // Reducing is for full workers.
                try cluster.startWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + 4)
            }
        }

        @Test("The example worker takes part beside Swift workers")
        func beside() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(900, seed: 82))
                try await cluster.startMaster(["--split-size", "400"])
                try cluster.startPythonWorker()
                try await eventually("the first counts from Python", { try await cluster.status().maps.completed > 0 })
                try cluster.startWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        static let uncarriable: [[UInt8]] = [
            [0x61, 0, 0x62, 10], [0x61, 1, 0x62, 10], [0x61, 0xff, 0xfe, 10], Array("a\u{a0}b \u{2003} c\n".utf8),
            Array("a\u{c}b\u{b}c\n".utf8), Array("x\u{85}y\n".utf8), [0xef, 0xbf, 0xbf, 10],
            Array("e\u{301} \u{e9}\n".utf8),
        ]

        @Test(
            "A text that XML can't carry, or Python would cut elsewhere, waits for a Swift worker",
            arguments: uncarriable)
        func strangeText(bytes: [UInt8]) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput(Array("a.txt".utf8), bytes)
                try await cluster.startMaster([])
                try cluster.startPythonWorker()
                try await cluster.master.line(containing: "can't travel in XML; it waits for an mr-worker")
                try cluster.startWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("CR LF ends of lines count the same in Python and in Swift")
        func carriageReturns() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\r\nthree\r\n\rfour\r")
                try await cluster.startMaster([])
                try cluster.startPythonWorker()
                try await cluster.mapsLeft(0)
                try cluster.startWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("Late, foreign, doubled and made-up completions change nothing")
        func lateAndForeign() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two two\n")
                try cluster.addInput("b.txt", "one two six\n")
                try await cluster.startMaster(["--split-size", "12", "--task-timeout", "1"])
                let python = try await cluster.runPython("late_and_foreign.py", [try cluster.pythonURL])
                #expect(python.exit == .code(0), "\(python.standardError)")
                try cluster.startWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("With --no-auth the example worker needs no token, and the master says that anyone can join")
        func withoutToken() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 83))
                try await cluster.startMaster(["--no-auth"])
                try await cluster.master.line(containing: "--no-auth: every program on this machine can join")
                #expect(try cluster.token == nil)
                try cluster.startPythonWorker(url: "http://\(cluster.address)")
                try await cluster.mapsLeft(0)
                try cluster.startWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }
    }
}
