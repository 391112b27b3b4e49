import Decompression
import Glibc
import LocalMachine
import Model

/// The lines of one part, one at a time.
final class PartLines {
    private let path: [UInt8]
    private let form: OutputForm
    private let unpacker: Unpacker?
    private var decodedKey = JSONLineKey()
    private let file: CInt
    private var buffer: UnsafeMutableRawPointer
    private var capacity: Int
    /// Of the line in the buffer, with its LF.
    private var lineStart = 0
    private var lineCount = 0
    private var keyCount = 0
    /// Behind what was read.
    private var end = 0
    private var isAtEnd = false
    private var number: Int64 = 0
    private var keyBefore: [UInt8] = []

    init(_ path: [UInt8], forms: DataForms, bufferByteCount: Int) throws(MergeError) {
        self.path = path
        form = forms.output
        do throws(DecompressionError) {
            unpacker = try forms.compression.map { packing throws(DecompressionError) in
                try Unpacker(packing.unpacking)
            }
        } catch {
            throw .unreadable(path: DisplayName.of(path), reason: "\(error)")
        }
        file = FileBytes.withPath(path) { open($0, O_RDONLY | O_CLOEXEC) }
        buffer = .allocate(byteCount: bufferByteCount, alignment: 16)
        capacity = bufferByteCount
        guard file >= 0 else { throw failure(errno) }
        posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit {
        buffer.deallocate()
        if file >= 0 { close(file) }
    }

    /// With its LF; a last line without one has none.
    var line: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: buffer + lineStart, count: lineCount) }
    var key: UnsafeRawBufferPointer {
        form == .json ? decodedKey.bytes : UnsafeRawBufferPointer(start: buffer + lineStart, count: keyCount)
    }

    static func compare(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Int {
        let shared = min(one.count, other.count)
        if shared > 0, let left = one.baseAddress, let right = other.baseAddress {
            let order = memcmp(left, right, shared)
            if order != 0 { return Int(order) }
        }
        return one.count - other.count
    }

    /// - Returns: False behind the last line.
    /// - Throws: ``MergeError/notInOrder(path:line:)`` for a line with a smaller key than the one before it.
    func nextInOrder() throws(MergeError) -> Bool {
        keyBefore.removeAll(keepingCapacity: true)
        keyBefore.append(contentsOf: key)
        let isFirst = number == 0
        guard try next() else { return false }
        try findKey()
        guard isFirst || keyBefore.withUnsafeBytes({ Self.compare($0, key) }) <= 0 else {
            throw .notInOrder(path: DisplayName.of(path), line: number)
        }
        return true
    }

    /// - Returns: False behind the last line.
    func next() throws(MergeError) -> Bool {
        lineStart += lineCount
        lineCount = 0
        var searched = 0
        while true {
            if let newline = memchr(buffer + lineStart + searched, 10, end - lineStart - searched) {
                lineCount = newline - (buffer + lineStart) + 1
                break
            }
            searched = end - lineStart
            if isAtEnd {
                guard searched > 0 else { return false }
                lineCount = searched
                break
            }
            try read()
        }
        number += 1
        return true
    }

    private func findKey() throws(MergeError) {
        let text = line.last == 10 ? lineCount - 1 : lineCount
        switch form {
        case .text:
            let tab = memchr(buffer + lineStart, 9, text)
            keyCount = tab.map { $0 - (buffer + lineStart) } ?? text
        case .key: keyCount = text
        case .json:
            guard decodedKey.read(from: line) else {
                throw .notWritten(path: DisplayName.of(path), line: number)
            }
        }
    }

    private func read() throws(MergeError) {
        if lineStart > 0 {
            memmove(buffer, buffer + lineStart, end - lineStart)
            end -= lineStart
            lineStart = 0
        }
        if end == capacity {
            let larger = UnsafeMutableRawPointer.allocate(byteCount: 2 * capacity, alignment: 16)
            larger.copyMemory(from: buffer, byteCount: end)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        let count = try readContents(into: UnsafeMutableRawBufferPointer(start: buffer + end, count: capacity - end))
        isAtEnd = count == 0
        end += count
    }

    private func readContents(into room: UnsafeMutableRawBufferPointer) throws(MergeError) -> Int {
        guard let unpacker else { return try readFile(into: room) }
        do {
            return try unpacker.next(into: room) { try readFile(into: $0) }
        } catch let error as MergeError {
            throw error
        } catch {
            throw .unreadable(path: DisplayName.of(path), reason: "\(error)")
        }
    }

    private func readFile(into room: UnsafeMutableRawBufferPointer) throws(MergeError) -> Int {
        while true {
            let count = Glibc.read(file, room.baseAddress, room.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(errno) }
            return count
        }
    }

    private func failure(_ reason: CInt) -> MergeError {
        .unreadable(path: DisplayName.of(path), reason: String(cString: strerror(reason)))
    }
}
