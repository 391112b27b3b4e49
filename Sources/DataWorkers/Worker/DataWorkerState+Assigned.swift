import DataProtocol
import Functions
import Objects
import XMLRPC
import XMLRPCTransport

// What the center has computed here.

extension DataWorkerState {
    private static let reportCountMax = 500
    private static let retryPause: Duration = .milliseconds(500)
    private static let messageByteCountMax = 16_000

    /// Begins them; what comes of each is reported.
    func begin(_ items: [XMLRPCValue]) throws {
        for item in try items.map({ try Assigned($0) }) {
            let identity = ComputationIdentity(function: item.function, document: item.document)
            guard let cancellation = assigned.begin(item.key, item.number, identity) else { continue }
            Task { await carryOut(item, identity, cancellation) }
        }
    }

    private struct Assigned: Sendable {
        let key: ObjectKey
        let number: Int
        let function: String
        let document: [UInt8]
        let inputs: [(key: ObjectKey, holders: [String])]

        init(_ value: XMLRPCValue) throws {
            guard let key = value["key"], let number = value["number"]?.asDouble,
                let function = value["function"]?.name(byteCountMax: CenterCalls.functionByteCountMax),
                let document = value["arguments"]?.asBytes
            else { throw DataFault.invalid("a computation has key, number, function and arguments") }
            self.key = try ObjectKey(key)
            guard let number = Int(exactly: number) else {
                throw DataFault.invalid("an attempt's number is a whole number")
            }
            self.number = number
            self.function = function
            self.document = document
            inputs = try KeyedValues.decode(value["inputs"] ?? .array([])).map { key, holders in
                (key, (holders.asArray ?? []).compactMap(\.asString))
            }
        }
    }

    private func carryOut(
        _ item: Assigned, _ identity: ComputationIdentity, _ cancellation: FunctionCancellation
    ) async {
        var members: [String: XMLRPCValue] = ["key": item.key.wireValue]
        do {
            let missing = item.inputs.filter { !store.contains($0.key) }
            if !missing.isEmpty {
                do {
                    try await fetch(missing)
                } catch {
                    members["missing"] = .array(
                        missing.filter { !store.contains($0.key) }.map(\.key.wireValue))
                    throw error
                }
            }
            let (arguments, keywords) = try ArgumentDocument.decode(item.document)
            let start = ContinuousClock.now
            let info = try await once(item.key, identity, waits: true) { [self] in
                try await run(
                    item.function, arguments, keywords, Set(item.inputs.map(\.key)), item.key, cancellation,
                    number: item.number)
            }
            members["digest"] = .string("\(info.digest)")
            members["nbytes"] = .double(Double(info.byteCount))
            members["microseconds"] = .double(((ContinuousClock.now - start) / .microseconds(1)).rounded())
        } catch {
            members["message"] = .string(StreamSafeText.cut(DataFault.xmlText(Self.told(error))))
        }
        members["number"] = .double(Double(assigned.end(item.number)))
        guard assigned.add(.structure(members)) else { return }
        await report()
    }

    /// The end of a long message says most.
    private static func told(_ error: any Error) -> String {
        let text = (error as? XMLRPCFault)?.message ?? "\(error)"
        guard text.utf8.count > messageByteCountMax else { return text }
        return "[...] " + String(decoding: text.utf8.suffix(messageByteCountMax), as: UTF8.self)
    }

    /// Until all that has gathered is told. A center that is away is told when it is back.
    private func report() async {
        guard let center else { return }
        while let reports = assigned.takeReports(countMax: Self.reportCountMax) {
            while !isEnding.load(ordering: .relaxed) {
                do {
                    try await tellCenter {
                        _ = try await self.peers.call(
                            center, "computations_ended", [.string(self.address), .array(reports)])
                    }
                    break
                } catch {
                    logger.notice("reports of \(reports.count) computations wait for the center: \(error)")
                    // Cut short only when it is to end.
                    try? await Task.sleep(for: Self.retryPause)
                }
            }
        }
    }

    /// Calls the center; one that does not know this worker is told of it first.
    func tellCenter(_ call: @Sendable () async throws -> Void) async throws {
        do {
            try await call()
        } catch let fault as XMLRPCFault where fault.code == DataFault.unknownWorkerCode {
            guard let register = registration.withLock({ $0 }) else { throw fault }
            try await register()
            try await call()
        }
    }
}
