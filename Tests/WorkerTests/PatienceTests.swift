import TaskRuntime
import Testing
import XMLRPCTransport

@testable import Worker

@Suite("Patience with transfers")
struct PatienceTests {
    private struct Other: Error {}

    @Test(
        "what comes back by itself is waited for: own descriptors, a busy server, a connection that was closed",
        arguments: [
            TransportError.shortage(reason: "Too many open files"), .tooManyConnections(connectionsMax: 1),
            .httpStatus(503, "all connections are in use"), .closed(address: "a:1"),
        ] as [TransportError])
    func passing(error: TransportError) throws {
        var count = 0
        let value = try Patience().wait {
            count += 1
            if count < 4 { throw error }
            return count
        }
        #expect(value == 4)
    }

    @Test(
        "what does not come back is told at once",
        arguments: [
            TransportError.connectionRefused(address: "a:1"), .httpStatus(404, "gone"), .httpStatus(500, ""),
            .unauthorized(address: "a:1", reason: ""), .localFile(reason: "No space left on device"), .clientClosed,
        ] as [TransportError])
    func lasting(error: TransportError) {
        var count = 0
        #expect(throws: error) {
            try Patience().wait {
                count += 1
                throw error
            }
        }
        #expect(count == 1)
    }

    @Test("has an end")
    func bound() {
        let none = Patience(shortageMax: .zero, busyMax: .zero, closedMax: .zero)
        let errors: [any Error] = [
            TransportError.shortage(reason: ""), TransportError.httpStatus(503, ""), TransportError.closed(address: ""),
            TaskError.readerFailed(path: "", reason: ""),
        ]
        for error in errors {
            var count = 0
            #expect(throws: (any Error).self) {
                try none.wait {
                    count += 1
                    throw error
                }
            }
            #expect(count == 1, "\(error)")
        }
    }

    @Test("ends when its attempt is cancelled")
    func cancelled() {
        let control = TaskControl()
        #expect(throws: TaskError.cancelled) {
            try Patience(shortageMax: .seconds(3_600)).wait(control) {
                control.cancel()
                throw TransportError.shortage(reason: "")
            }
        }
    }
}
