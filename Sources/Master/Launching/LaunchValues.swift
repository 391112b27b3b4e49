import LaunchedWorkers
import LocalMachine
import Processes
import WorkerProtocol
import XMLRPC

// Launched workers and orders for them, as they travel.

extension LaunchDesk {
    func value(of worker: LaunchedWorker) -> XMLRPCValue {
        var members: [String: XMLRPCValue] = [
            "id": .int(Int32(clamping: worker.id.number)), "engine_id": .string(worker.engineID),
            "name": .string(worker.order.name), "status": .string(worker.phase.rawValue),
            "created_at": .string(Self.text(worker.createdAt)), "ip_address": .string(address),
            "output": .base64(worker.output.bytes), "output_bytes": .count(worker.output.byteCount),
        ]
        if let time = worker.runningAt { members["running_at"] = .string(Self.text(time)) }
        if let time = worker.finishedAt { members["finished_at"] = .string(Self.text(time)) }
        if let cores = worker.order.coreCount { members["cpu"] = .double(cores) }
        if let byteCount = worker.order.memoryByteCount {
            members["memory"] = .double(Double(byteCount) / LaunchOrder.memoryUnit)
        }
        let limits = ProgramLimits(worker.order)
        if !limits.isNone { members["limits"] = .string(ControlGroups.ofThisProcess.description(of: limits)) }
        switch worker.end {
        case .exited(let code): members["exit_code"] = .int(code)
        case .killed(let signal, _): members["signal"] = .int(signal)
        case .lost, nil: break
        }
        if !worker.reason.isEmpty { members["reason"] = .string(worker.reason) }
        return .structure(members)
    }

    /// In UTC, as JSON has it.
    private static func text(_ time: Int64) -> String {
        guard let moment = XMLRPCDateTime(secondsSinceEpoch: time) else { return "" }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(moment.year)-\(padded(moment.month))-\(padded(moment.day))T"
            + "\(padded(moment.hour)):\(padded(moment.minute)):\(padded(moment.second))Z"
    }
}

extension LaunchOrder {
    /// Bytes of a GiB.
    static let memoryUnit = 1_073_741_824.0

    /// - Returns: What is launched, how many of it, and the call's key, if it has one.
    static func read(_ value: XMLRPCValue) throws(XMLRPCFault) -> (LaunchOrder, count: Int, key: String?) {
        let fields = try Fields(value, in: "launch_workers")
        let folder = fields.has("folder") ? try bytes(fields, "folder", byteCountMax: 4_095) : Array("/".utf8)
        guard folder.first == UInt8(ascii: "/") else {
            throw CallFault.invalid("member 'folder' of launch_workers must be an absolute path")
        }
        var order = LaunchOrder(program: try program(fields), folder: folder)
        order.environment = try environment(fields)
        if fields.has("kernel") {
            let name = try fields.string("kernel", byteCountMax: 64)
            guard let kernel = LaunchKernel(named: name) else {
                throw LaunchFault.unfit(
                    "kernel '\(DisplayName.of(Array(name.utf8)))' is not known here; it is one of \(LaunchKernel.names)"
                )
            }
            order.kernel = kernel
        }
        if fields.has("cpu") { order.coreCount = try number(fields, "cpu", coreCounts, "cores") }
        if fields.has("memory") { order.memoryByteCount = try memory(fields) }
        if fields.has("name") { order.name = try fields.text("name", byteCountMax: nameByteCountMax) }
        if fields.has("start_delay") {
            order.startDelay = try fields.seconds("start_delay", max: startDelayMax / .seconds(1))
        }
        if fields.has("nvidia_gpu"), try fields.int("nvidia_gpu", in: 0...1_024) > 0 {
            throw LaunchFault.unfit(
                "nvidia_gpu must be 0: this master gives no GPUs to workers, which see those of its machine")
        }
        let count = fields.has("n") ? try fields.int("n", in: 1...countMax) : 1
        return (order, count, fields.has("key") ? try fields.text("key", byteCountMax: keyByteCountMax) : nil)
    }

    static let keyByteCountMax = 64

    /// Script and code may both be there, and one of them empty, as in the products that this call is known from.
    private static func program(_ fields: Fields) throws(XMLRPCFault) -> Program {
        if fields.has("script") {
            let path = try bytes(fields, "script", byteCountMax: 4_095)
            let hasCode =
                fields.has("code") ? try !bytes(fields, "code", byteCountMax: codeByteCountMax).isEmpty : false
            guard path.isEmpty || !hasCode else {
                throw CallFault.invalid("launch_workers runs 'script' or 'code', and was given both; leave one out")
            }
            if !path.isEmpty { return .script(path) }
        }
        guard fields.has("code") else {
            throw CallFault.invalid("launch_workers needs the member 'script' (a path) or 'code' (a text)")
        }
        let code = try bytes(fields, "code", byteCountMax: codeByteCountMax)
        guard !code.isEmpty else {
            throw CallFault.invalid("members 'script' and 'code' of launch_workers are both empty")
        }
        return .code(code)
    }

    private static func memory(_ fields: Fields) throws(XMLRPCFault) -> Int64 {
        let range = Double(memoryByteCounts.lowerBound) / memoryUnit...Double(memoryByteCounts.upperBound) / memoryUnit
        return Int64((try number(fields, "memory", range, "GiB") * memoryUnit).rounded())
    }

    private static func number(
        _ fields: Fields, _ name: String, _ range: ClosedRange<Double>, _ unit: String
    ) throws(XMLRPCFault) -> Double {
        let number: Double? =
            switch try fields.required(name) {
            case .int(let value): Double(value)
            case .double(let value): value
            default: nil
            }
        guard let number, range.contains(number) else {
            throw CallFault.invalid(
                "member '\(name)' of launch_workers must be a number of \(unit) from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    private static func environment(_ fields: Fields) throws(XMLRPCFault) -> [String: [UInt8]] {
        guard fields.has("env") else { return [:] }
        var variables: [String: [UInt8]] = [:]
        var byteCount = 0
        for (name, value) in try fields.structure("env") {
            guard isName(name), !name.hasPrefix("MR_") else {
                throw CallFault.invalid(
                    "variable '\(DisplayName.of(Array(name.utf8)))' of env needs a name of ASCII letters, digits and _ that begins with no digit, nor with MR_: those are this project's own"
                )
            }
            guard let content = bytes(value) else {
                throw CallFault.invalid("variable '\(name)' of env must be a string or base64, without NUL")
            }
            byteCount += name.utf8.count + content.count + 2
            variables[name] = content
        }
        guard byteCount <= environmentByteCountMax else {
            throw CallFault.invalid("env has \(byteCount) bytes in all; \(environmentByteCountMax) are allowed")
        }
        return variables
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
    }

    private static func bytes(_ fields: Fields, _ name: String, byteCountMax: Int) throws(XMLRPCFault) -> [UInt8] {
        guard let content = bytes(try fields.required(name)), content.count <= byteCountMax else {
            throw CallFault.invalid(
                "member '\(name)' of launch_workers must be a string or base64 of at most \(byteCountMax) bytes, without NUL"
            )
        }
        return content
    }

    /// nil for what has a NUL, which no path and no variable can have.
    private static func bytes(_ value: XMLRPCValue) -> [UInt8]? {
        let content: [UInt8]
        switch value {
        case .string(let text): content = Array(text.utf8)
        case .base64(let bytes): content = bytes
        default: return nil
        }
        return content.contains(0) ? nil : content
    }
}
