import Glibc
import XMLRPC

/// Reads and writes the sample documents again and again, and prints the processor time of each.
struct CodecTiming {
    private let folder: String

    init(folder: String) {
        self.folder = folder
    }

    func run() throws {
        try measure("decode call.xml", count: 100_000) {
            var decoder = MessageDecoder()
            let document = try SampleDocuments.read("\(folder)/call.xml")
            return {
                try document.withUnsafeBytes { bytes in
                    guard try decoder.decodeCall(bytes).parameters.count == 2 else { throw WrongAnswer() }
                }
                return document.count
            }
        }
        try measure("encode call.xml", count: 100_000) { { try XMLRPCCodec.encode(SampleDocuments.call).count } }
        for (name, response) in [("flat.xml", SampleDocuments.flat), ("rows.xml", SampleDocuments.rows)] {
            try measure("decode \(name)", count: 10) {
                let document = try SampleDocuments.read("\(folder)/\(name)")
                guard try XMLRPCCodec.decodeResponse(document) == response else { throw WrongAnswer() }
                return {
                    guard case .value = try XMLRPCCodec.decodeResponse(document) else { throw WrongAnswer() }
                    return document.count
                }
            }
            try measure("encode \(name)", count: 10) { { try XMLRPCCodec.encode(response).count } }
        }
    }

    /// - Parameter prepare: Makes what is timed; that answers with the bytes it went through.
    private func measure(_ name: String, count: Int, _ prepare: () throws -> () throws -> Int) throws {
        let work = try prepare()
        let byteCount = try work()
        let begin = Self.processorTime()
        for _ in 0..<count { _ = try work() }
        let nanoseconds = (Self.processorTime() - begin) / .nanoseconds(1) / Double(count)
        print("\(name) \(byteCount) \(Int(nanoseconds))")
    }

    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

struct WrongAnswer: Error {}
