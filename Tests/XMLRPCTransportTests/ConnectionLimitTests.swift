import NIOCore
import Testing
import XMLRPC

@testable import XMLRPCTransport

@Suite struct ConnectionLimitTests {
    private static let authorizer = Authorizer.only("Bearer right")
    private static let authorizedEcho = Requests.post(Requests.echo, headers: ["Authorization: Bearer right"])

    @Test("A connection beyond the limit gets 503, and room is made when another closes")
    func connectionLimit() async throws {
        try await TestServer.run(configure: { $0.connectionsMax = 2 }) { server in
            let first = try RawConnection(port: server.port)
            var second: RawConnection? = try RawConnection(port: server.port)
            for connection in [first, second] {
                try connection?.send(Requests.post(Requests.echo))
                #expect(try await connection?.receiveAnswer().status == 200)
            }
            let third = try RawConnection(port: server.port)
            try third.send(Requests.post(Requests.echo))
            #expect(try await third.receiveAnswer().status == 503)
            #expect(try await third.receiveUntilClosed() == [])
            second = nil
            var statuses: [Int] = []
            while statuses.last != 200, statuses.count < 1_000 {
                let fourth = try RawConnection(port: server.port)
                try fourth.send(Requests.post(Requests.echo))
                statuses.append(try await fourth.receiveAnswer().status)
            }
            #expect(statuses.last == 200)
        }
    }

    @Test("One address has a limit of its own, and gets room again when one of its connections closes")
    func addressLimit() async throws {
        try await TestServer.run(configure: { $0.connectionsPerAddressMax = 2 }) { server in
            var first: RawConnection? = try RawConnection(port: server.port)
            let second = try RawConnection(port: server.port)
            for connection in [first, second] {
                try connection?.send(Requests.post(Requests.echo))
                #expect(try await connection?.receiveAnswer().status == 200)
            }
            let third = try RawConnection(port: server.port)
            let refusal = try await third.receiveAnswer()
            #expect(refusal.status == 503 && refusal.text.contains("2 connections that one address may have"))
            let elsewhere = try RawConnection(port: server.port, from: "127.0.0.2")
            try elsewhere.send(Requests.post(Requests.echo))
            #expect(try await elsewhere.receiveAnswer().status == 200)
            first = nil
            var statuses: [Int] = []
            while statuses.last != 200, statuses.count < 1_000 {
                let again = try RawConnection(port: server.port)
                try again.send(Requests.post(Requests.echo))
                statuses.append(try await again.receiveAnswer().status)
            }
            #expect(statuses.last == 200)
        }
    }

    @Test(
        "IPv6 addresses of one network, and IPv4 addresses however they are written, are one address",
        arguments: [
            ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
            ("2001:db8::1", "2001:db8::ffff", true), ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::ffff:127.0.0.1", "127.0.0.1", true), ("::1", "0.0.0.0", false),
        ])
    func addresses(first: String, second: String, areOne: Bool) throws {
        let addresses = try [first, second].map { PeerAddress(try SocketAddress(ipAddress: $0, port: 1)) }
        #expect((addresses[0] == addresses[1]) == areOne && addresses[0] != nil)
    }

    @Test("Strangers have a limit of their own, which those who have shown credentials don't count for")
    func strangerLimit() async throws {
        try await TestServer.run(
            authorizer: Self.authorizer,
            configure: {
                $0.unauthenticatedConnectionsMax = 1
                $0.unauthenticatedStayMin = .seconds(3_600)
            }
        ) { server in
            var known: [RawConnection] = []
            for _ in 0..<3 {
                let connection = try RawConnection(port: server.port)
                try connection.send(Self.authorizedEcho)
                #expect(try await connection.receiveAnswer().status == 200)
                known.append(connection)
            }
            let stranger = try RawConnection(port: server.port)
            try stranger.send(Requests.get("/"))
            #expect(try await stranger.receiveAnswer().status == 401)
            let second = try RawConnection(port: server.port)
            #expect(try await second.receiveAnswer().status == 503)
            for connection in known {
                try connection.send(Self.authorizedEcho)
                #expect(try await connection.receiveAnswer().status == 200)
            }
        }
    }

    @Test("No role but one keeps others out, however many connections it opens")
    func roleLimit() async throws {
        let authorizer = Authorizer { header in
            switch header {
            case "Bearer many": .allowed(role: "many")
            case "Bearer owner": .allowed(role: "owner")
            default: .asked
            }
        }
        func request(_ token: String) -> String {
            Requests.post(Requests.echo, headers: ["Authorization: Bearer \(token)"])
        }
        try await TestServer.run(
            authorizer: authorizer,
            configure: {
                $0.connectionsMax = 80
                $0.unlimitedRole = "owner"
            }
        ) { server in
            var connections: [RawConnection] = []
            // A quarter of 80.
            for number in 0..<30 {
                let connection = try RawConnection(port: server.port)
                try connection.send(request("many"))
                #expect(try await connection.receiveAnswer().status == (number < 20 ? 200 : 503), "\(number)")
                connections.append(connection)
            }
            for _ in 0..<30 {
                let connection = try RawConnection(port: server.port)
                try connection.send(request("owner"))
                #expect(try await connection.receiveAnswer().status == 200)
                connections.append(connection)
            }
            // One that turns into another's gives its place to the next.
            try connections[0].send(request("owner"))
            #expect(try await connections[0].receiveAnswer().status == 200)
            let next = try RawConnection(port: server.port)
            try next.send(request("many"))
            #expect(try await next.receiveAnswer().status == 200)
        }
    }

    @Test("When strangers have all places, the one that came first makes room; whoever shows credentials stays")
    func oldestStranger() async throws {
        try await TestServer.run(
            authorizer: Self.authorizer,
            configure: {
                $0.unauthenticatedConnectionsMax = 2
                $0.unauthenticatedStayMin = .zero
            }
        ) { server in
            let known = try RawConnection(port: server.port)
            try known.send(Self.authorizedEcho)
            #expect(try await known.receiveAnswer().status == 200)
            var strangers: [RawConnection] = []
            for _ in 0..<3 {
                let stranger = try RawConnection(port: server.port)
                // So that they have come in this order.
                try stranger.send(Requests.get("/"))
                #expect(try await stranger.receiveAnswer().status == 401)
                strangers.append(stranger)
            }
            #expect(try await strangers[0].receiveUntilClosed() == [])
            let late = try RawConnection(port: server.port)
            #expect(try await strangers[1].receiveUntilClosed() == [])
            for connection in [late, known] {
                try connection.send(Self.authorizedEcho)
                #expect(try await connection.receiveAnswer().status == 200)
            }
            try strangers[2].send(Requests.get("/"))
            #expect(try await strangers[2].receiveAnswer().status == 401)
        }
    }

    @Test("A stranger's idle connection ends early, also one that goes on guessing; one with credentials stays")
    func strangerIdle() async throws {
        try await TestServer.run(
            authorizer: Self.authorizer, configure: { $0.unauthenticatedIdleTimeout = .milliseconds(200) }
        ) { server in
            let known = try RawConnection(port: server.port)
            try known.send(Self.authorizedEcho)
            #expect(try await known.receiveAnswer().status == 200)
            let silent = try RawConnection(port: server.port)
            #expect(try await silent.receiveUntilClosed() == [])
            let guessing = try RawConnection(port: server.port)
            let ended = try await onThread {
                // Ends when the server closes the connection: it would take 20 s otherwise.
                for _ in 0..<1_000 {
                    do { try guessing.send(Requests.get("/")) } catch { return true }
                    pause(milliseconds: 20)
                }
                return false
            }
            #expect(ended)
            try known.send(Self.authorizedEcho)
            #expect(try await known.receiveAnswer().status == 200)
        }
    }
}
