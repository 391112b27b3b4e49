import Foundation
import Testing
import XMLRPC
import XMLRPCTransport

/// Python's own XML-RPC on the other side.
@Suite struct PythonTests {
    private static func python(_ script: String, _ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments
        return process
    }

    @Test("Python's client calls our server, over one connection")
    func pythonClient() async throws {
        let script = """
            import sys, xmlrpc.client
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1:%s/" % sys.argv[1], allow_none=True)
            for value in [1, -2.5, "a <&> é", True, None, [1, ["x"]], {"k": {"l": []}}, xmlrpc.client.Binary(b"\\0\\1")]:
                assert proxy.echo(value) == value, value
            assert "echo" in proxy.system.listMethods()
            calls = xmlrpc.client.MultiCall(proxy)
            calls.echo(1); calls.echo(2)
            assert list(calls()) == [1, 2]
            try:
                proxy.none()
                sys.exit("no fault")
            except xmlrpc.client.Fault as fault:
                assert fault.faultCode == -32601, fault
            """
        try await TestServer.run { server in
            let process = PythonTests.python(script, ["\(server.port)"])
            let pipe = Pipe()
            process.standardError = pipe
            process.standardInput = FileHandle.nullDevice
            let ends = EventList<Int32>()
            process.terminationHandler = { ends.append($0.terminationStatus) }
            try process.run()
            let reading = pipe.fileHandleForReading
            let output = try await onThread { String(decoding: reading.readDataToEndOfFile(), as: UTF8.self) }
            #expect(try await ends.wait(for: 1) == [0], "\(output)")
            #expect(server.log.lines.all == [])
        }
    }

    @Test("Our client calls Python's server")
    func pythonServer() async throws {
        let script = """
            import sys, threading
            from xmlrpc.server import SimpleXMLRPCServer
            server = SimpleXMLRPCServer(("127.0.0.1", 0), allow_none=True, logRequests=False)
            server.register_function(lambda value: value, "echo")
            print(server.server_address[1], flush=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            sys.stdin.read()
            """
        let process = PythonTests.python(script, [])
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        // It ends when its input does.
        let input = Pipe()
        process.standardInput = input
        try process.run()
        defer { input.fileHandleForWriting.closeFile() }
        let output = pipe.fileHandleForReading
        let line = try await onThread { String(decoding: output.availableData, as: UTF8.self) }
        let port = try #require(Int(line.filter(\.isNumber)))
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let client = HTTPClient(host: "127.0.0.1", port: port, threads: threads)
        let values: [XMLRPCValue] = [
            1, "a <&> é", .double(-2.5), .boolean(true), .nil, .base64([0, 1]), [1, ["x"]], ["k": ["l": []]],
        ]
        for value in values {
            let answer = try await client.call("echo", [value], timeout: .seconds(20))
            #expect(answer == value)
        }
        let error = await #expect(throws: XMLRPCFault.self) { try await client.call("none", [], timeout: .seconds(20)) }
        #expect(error?.code == 1)
        await client.close()
        try await threads.shutdown()
    }
}
