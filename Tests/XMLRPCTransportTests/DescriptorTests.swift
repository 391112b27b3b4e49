import Glibc
import Testing
import XMLRPC
import XMLRPCTransport

/// Each in a process of its own, because the limit is the process's.
@Suite struct DescriptorTests {
    @Test("The soft limit is raised to the hard one, by threads too, as often as it is asked for")
    func raise() async {
        await #expect(processExitsWith: .success) {
            DescriptorSqueeze.set(soft: 100, hard: 300)
            #expect(DescriptorLimit.raise() == 300)
            #expect(DescriptorLimit.raise() == 300)
            DescriptorSqueeze.set(soft: 100, hard: 300)
            let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
            #expect(DescriptorSqueeze.soft == 300)
            try await threads.shutdown()
        }
    }

    @Test("However many strangers connect, the process keeps descriptors for its work and for those with credentials")
    func strangers() async {
        await #expect(processExitsWith: .success) {
            // Connections get 700 - 256 = 444, of which strangers get 111. Both ends of each are in this process.
            DescriptorSqueeze.set(soft: 100, hard: 700)
            let authorizer = Authorizer.only("Bearer right")
            let freeBefore = DescriptorSqueeze.freeCount
            let right = ["Authorization: Bearer right"]
            try await TestServer.run(
                authorizer: authorizer,
                configure: {
                    $0.lingerTimeout = .seconds(60)
                    $0.unauthenticatedStayMin = .seconds(3_600)
                }
            ) { server in
                let known = try RawConnection(port: server.port)
                try known.send(Requests.post(Requests.echo, headers: right))
                #expect(try await known.receiveAnswer().status == 200)
                let strangers = try (0..<111).map { _ in try RawConnection(port: server.port) }
                // The next 64 are told; beyond them a connection is closed without a word.
                for _ in 0..<64 {
                    let refused = try RawConnection(port: server.port)
                    #expect(try await refused.receiveAnswer().status == 503)
                }
                // Both ends of 112, one end of those that are being told, and a few of the event loops.
                #expect(freeBefore - DescriptorSqueeze.freeCount <= 2 * 112 + 64 + 32)
                try known.send(Requests.post(Requests.echo, headers: right))
                #expect(try await known.receiveAnswer().status == 200)
                withExtendedLifetime(strangers) {}
            }
        }
    }

    @Test("A client without a descriptor for a connection says so, and does not blame the server; then it goes on")
    func clientExhausted() async {
        await #expect(processExitsWith: .success) {
            DescriptorSqueeze.set(soft: 300, hard: 300)
            try await TestServer.run { server in
                let clients = (0..<2).map { _ in
                    HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
                }
                // What the run time opens once is open after this.
                let first = try await clients[0].call("echo", [.int(1)], timeout: .seconds(20))
                #expect(first == .int(1))
                let held = DescriptorSqueeze.takeAll()
                await #expect(throws: TransportError.shortage(reason: "Too many open files")) {
                    try await clients[1].call("echo", [.int(2)], timeout: .seconds(20))
                }
                for descriptor in held { close(descriptor) }
                let last = try await clients[1].call("echo", [.int(3)], timeout: .seconds(20))
                #expect(last == .int(3))
                for client in clients { await client.close() }
            }
        }
    }

    @Test("Without descriptors the server waits between its tries to accept, and goes on when there are some again")
    func exhausted() async {
        await #expect(processExitsWith: .success) {
            DescriptorSqueeze.set(soft: 300, hard: 300)
            try await TestServer.run { server in
                // No await until they are given back: Swift's runtime opens descriptors of its own when it first needs
                // them, such as for timers, and ends the process when it can't.
                var held = DescriptorSqueeze.takeAll()
                // One descriptor for the client's end; the server's end finds none.
                if let last = held.popLast() { close(last) }
                let connection = try RawConnection(port: server.port)
                let begin = ContinuousClock.now
                while server.log.lines.all.count < 3, begin.duration(to: .now) < .seconds(20) { pause(milliseconds: 1) }
                let (waited, lines) = (begin.duration(to: .now), server.log.lines.all)
                for descriptor in held { close(descriptor) }
                #expect(waited >= .milliseconds(180) && lines.count == 3)
                #expect(lines.allSatisfy { $0.contains("could not be accepted") })
                try connection.send(Requests.post(Requests.echo))
                #expect(try await connection.receiveAnswer().status == 200)
            }
        }
    }
}
