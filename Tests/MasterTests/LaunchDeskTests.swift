import Logging
import LocalMachine
import Synchronization
import TestSupport
import Testing
import XMLRPC

@testable import Master

@Suite("Calls that launch workers")
struct LaunchDeskTests {
    private let folder: TemporaryFolder
    private let desk: LaunchDesk
    private let table: MethodTable

    init() throws {
        folder = try TemporaryFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        desk = LaunchDesk(
            access: nil, scratch: try ScratchFolder.make(under: folder.path), logger: logger, sendAway: { _, _ in })
        table = MethodTable(
            LaunchCalls(desk: desk, joined: { [] }, runBlocking: { body in Task { body() } }).methods)
    }

    /// What is answered in time; empty while nothing is.
    private final class Answer: Sendable {
        let value: Mutex<MethodResponse?> = Mutex(nil)
    }

    private func launch() -> Answer {
        let answer = Answer()
        let order: XMLRPCValue = ["code": "#!/bin/sh\nexit 7", "folder": "/"]
        table.answer(
            MethodCall(methodName: "launch_workers", parameters: [order]), caller: Caller(id: 1, remoteAddress: "")
        ) { response in answer.value.withLock { $0 = response } }
        return answer
    }

    @Test("wait for a master that listens and has not begun yet, and then launch")
    func early() async throws {
        let answers = [launch(), launch()]
        #expect(answers.allSatisfy { $0.value.withLock { $0 } == nil })
        desk.open(
            LaunchDesk.MasterPlace(
                url: "http://127.0.0.1:1/RPC2", host: "127.0.0.1", port: 1, certificate: nil, joinLine: nil))
        for answer in answers + [launch()] {
            let response = try await eventually("an answer") { answer.value.withLock { $0 } }
            guard case .value(let value) = response else {
                Issue.record("\(response)")
                continue
            }
            #expect(value.asArray?.count == 1)
        }
        try await eventually("all to end") {
            desk.all.count == 3 && desk.all.allSatisfy { $0.phase == .failed } ? () : nil
        }
    }

    @Test("are refused by a master that ends before it has begun")
    func never() async throws {
        let early = launch()
        await desk.close(within: .zero)
        for answer in [early, launch()] {
            let response = try await eventually("an answer") { answer.value.withLock { $0 } }
            guard case .fault(let fault) = response else {
                Issue.record("\(response)")
                continue
            }
            #expect(fault.code == 101 && fault.message.contains("could not begin"), "\(fault)")
        }
    }

    @Test("are refused when too many wait for a master to begin")
    func tooMany() async throws {
        let waiting = (0..<LaunchDesk.waitersMax).map { _ in launch() }
        let response = try #require(launch().value.withLock { $0 })
        guard case .fault(let fault) = response else {
            Issue.record("\(response)")
            return
        }
        #expect(fault.code == 101 && fault.message.contains("\(LaunchDesk.waitersMax) calls wait"), "\(fault)")
        await desk.close(within: .zero)
        try await eventually("their answers") {
            waiting.allSatisfy { $0.value.withLock { $0 } != nil } ? () : nil
        }
    }

    private func eventually<Value>(_ event: String, _ condition: () -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            if let value = condition() { return value }
            try #require(ContinuousClock.now < deadline, "waited for \(event)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
