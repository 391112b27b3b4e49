import CommandSupport

/// Standard input or a file, line by line; the last one need not have an end.
struct InputLines {
    enum Line: Equatable {
        case bytes([UInt8])
        /// Longer than may be kept; it has been read past.
        case tooLong
    }

    private let input: InputBytes
    private let lineByteCountMax: Int
    private var unread: ArraySlice<UInt8> = []
    private var line: [UInt8] = []
    private var isTooLong = false

    init(_ input: InputBytes, lineByteCountMax: Int) {
        self.input = input
        self.lineByteCountMax = lineByteCountMax
    }

    /// Whether the next line can be had without waiting for input.
    var isReady: Bool { unread.contains(UInt8(ascii: "\n")) }

    /// - Returns: nil at the end.
    mutating func next() throws(ProgramFailure) -> Line? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                keep(unread[..<end])
                unread = unread[(end + 1)...]
                return take()
            }
            keep(unread)
            unread = try input.next()
            if unread.isEmpty { return line.isEmpty && !isTooLong ? nil : take() }
        }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        if line.count + bytes.count > lineByteCountMax { isTooLong = true }
        if isTooLong {
            line.removeAll()
        } else {
            line += bytes
        }
    }

    private mutating func take() -> Line {
        defer {
            line.removeAll(keepingCapacity: true)
            isTooLong = false
        }
        if isTooLong { return .tooLong }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return .bytes(line)
    }
}
