import Center
import DataProtocol
import Model

extension RecordWriter {
    mutating func write(_ key: ObjectKey) { write(key.bytes) }

    mutating func write(_ keys: [ObjectKey]) { write(keys) { $0.write($1.bytes) } }
}

extension RecordReader {
    mutating func key() throws(RecordError) -> ObjectKey {
        let bytes = try content()
        do { return try ObjectKey(bytes) } catch { throw self.error("\(error)") }
    }

    mutating func keys() throws(RecordError) -> [ObjectKey] {
        try list { reader throws(RecordError) in try reader.key() }
    }
}

extension Computation: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(key)
        writer.write(function)
        writer.write(arguments)
        writer.write(inputs)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let key = try reader.key()
        let function = try reader.text()
        let arguments = try reader.content()
        self.init(key: key, function: function, arguments: arguments, inputs: try reader.keys())
    }
}

extension HeldObject: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(key)
        writer.write(byteCount)
        writer.write(digest) { $0.write(bits: UInt64($1)) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let key = try reader.key()
        let byteCount = try reader.int64()
        guard (0...Self.byteCountMax).contains(byteCount) else { throw reader.error("an object of \(byteCount) bytes") }
        let digest = try reader.optional { reader throws(RecordError) in try reader.checksum() }
        self.init(key: key, byteCount: byteCount, digest: digest)
    }
}

extension CenterProfile: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(address)
        writer.write(host)
        writer.write(name)
        writer.write(coreCount)
        writer.write(services.sorted { $0.key < $1.key }) {
            $0.write($1.key)
            $0.write($1.value)
        }
        writer.write(memoryByteCountMax)
        writer.write(instance)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let address = try reader.text()
        let host = try reader.text()
        let name = try reader.text()
        let coreCount = try reader.int()
        let services = try reader.list { reader throws(RecordError) in
            let name = try reader.text()
            return (name, try reader.int())
        }
        guard coreCount >= 1 else { throw reader.error("a worker of \(coreCount) cores") }
        let memoryByteCountMax = try reader.int64()
        self.init(
            address: address, host: host, name: name, coreCount: coreCount,
            services: Dictionary(services) { first, _ in first }, memoryByteCountMax: memoryByteCountMax,
            instance: try reader.text())
    }
}

extension ComputationReport: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(key)
        writer.write(number)
        switch outcome {
        case .finished(let byteCount, let digest, let microseconds):
            writer.write(tag: 1)
            writer.write(byteCount)
            writer.write(digest) { $0.write(bits: UInt64($1)) }
            writer.write(microseconds)
        case .failed(let message):
            writer.write(tag: 2)
            writer.write(message)
        case .inputsMissing(let keys, let message):
            writer.write(tag: 3)
            writer.write(keys)
            writer.write(message)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let key = try reader.key()
        let number = try reader.int()
        switch try reader.byte() {
        case 1:
            let byteCount = try reader.int64()
            let digest = try reader.optional { reader throws(RecordError) in try reader.checksum() }
            self.init(
                key: key, number: number,
                outcome: .finished(byteCount: byteCount, digest: digest, microseconds: try reader.int64()))
        case 2: self.init(key: key, number: number, outcome: .failed(message: try reader.text()))
        case 3:
            let keys = try reader.keys()
            self.init(key: key, number: number, outcome: .inputsMissing(keys, message: try reader.text()))
        case let other: throw reader.error("no attempt ends with \(other)")
        }
    }
}

extension ComputationEvent: Recorded {
    private enum Tag: UInt8 {
        case workerRegistered = 1
        case workerHeard
        case workerLeft
        case workerLost
        case objectsAdded
        case objectsRemoved
        case submitted
        case computed
        case attemptsEnded
        case wanted
        case cancelled
        case forgotten
    }

    func record(in writer: inout RecordWriter) {
        writer.write(tag: tag.rawValue)
        switch self {
        case .workerRegistered(let profile, let objects, let request):
            writer.write(profile)
            writer.write(objects)
            writer.write(request)
        case .workerHeard(let address, let request), .workerLeft(let address, let request):
            writer.write(address)
            writer.write(request)
        case .workerLost(let address, let reason):
            writer.write(address)
            writer.write(reason)
        case .objectsAdded(let objects, let address, let request):
            writer.write(objects)
            writer.write(address)
            writer.write(request)
        case .objectsRemoved(let keys, let address, let request):
            writer.write(keys)
            writer.write(address)
            writer.write(request)
        case .submitted(let computations, let request):
            writer.write(computations)
            writer.write(request)
        case .computed(let computation, let object, let address, let request):
            writer.write(computation)
            writer.write(object)
            writer.write(address)
            writer.write(request)
        case .attemptsEnded(let reports, let address, let request):
            writer.write(reports)
            writer.write(address)
            writer.write(request)
        case .wanted(let keys): writer.write(keys)
        case .cancelled(let keys, let request), .forgotten(let keys, let request):
            writer.write(keys)
            writer.write(request)
        }
    }

    private var tag: Tag {
        switch self {
        case .workerRegistered: .workerRegistered
        case .workerHeard: .workerHeard
        case .workerLeft: .workerLeft
        case .workerLost: .workerLost
        case .objectsAdded: .objectsAdded
        case .objectsRemoved: .objectsRemoved
        case .submitted: .submitted
        case .computed: .computed
        case .attemptsEnded: .attemptsEnded
        case .wanted: .wanted
        case .cancelled: .cancelled
        case .forgotten: .forgotten
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let byte = try reader.byte()
        guard let tag = Tag(rawValue: byte) else { throw reader.error("no event of computations has tag \(byte)") }
        switch tag {
        case .workerRegistered:
            let profile = try reader.value(CenterProfile.self)
            let objects = try reader.list(of: HeldObject.self)
            self = .workerRegistered(profile, holding: objects, request: try reader.value())
        case .workerHeard:
            let address = try reader.text()
            self = .workerHeard(address: address, request: try reader.value())
        case .workerLeft:
            let address = try reader.text()
            self = .workerLeft(address: address, request: try reader.value())
        case .workerLost:
            let address = try reader.text()
            self = .workerLost(address: address, reason: try reader.text())
        case .objectsAdded:
            let objects = try reader.list(of: HeldObject.self)
            let address = try reader.text()
            self = .objectsAdded(objects, address: address, request: try reader.value())
        case .objectsRemoved:
            let keys = try reader.keys()
            let address = try reader.text()
            self = .objectsRemoved(keys, address: address, request: try reader.value())
        case .submitted:
            let computations = try reader.list(of: Computation.self)
            self = .submitted(computations, request: try reader.value())
        case .computed:
            let computation = try reader.value(Computation.self)
            let object = try reader.value(HeldObject.self)
            let address = try reader.text()
            self = .computed(computation, object, address: address, request: try reader.value())
        case .attemptsEnded:
            let reports = try reader.list(of: ComputationReport.self)
            let address = try reader.text()
            self = .attemptsEnded(reports, address: address, request: try reader.value())
        case .wanted: self = .wanted(try reader.keys())
        case .cancelled:
            let keys = try reader.keys()
            self = .cancelled(keys, request: try reader.value())
        case .forgotten:
            let keys = try reader.keys()
            self = .forgotten(keys, request: try reader.value())
        }
    }
}
