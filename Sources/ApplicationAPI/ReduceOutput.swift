import CDataPath

/// Takes the lines of one part, in the order in which they are written. An error in writing is kept and fails the attempt once
/// the step returns; what is written after it is dropped.
///
/// A line need not hold the key, or come in any order. What reads parts as sorted, as `--merge` does, goes by what stands before
/// a line's first TAB.
public final class ReduceOutput {
    private let buffer: UnsafeMutableRawPointer
    private var byteCount = 0
    private let flushBuffer: (Bytes) throws -> Void
    package let form: LineForm
    // Private, because the compiler then sees that no access overlaps another, and checks none at run time.
    private var recordsWritten: Int64 = 0
    private var firstFailure: (any Error)?
    package var recordCount: Int64 { recordsWritten }
    package var failure: (any Error)? { firstFailure }

    package static let capacity = 1 << 20

    /// - Parameters:
    ///   - form: What becomes of a key and its value.
    ///   - flush: Writes at most a few MiB of output; called with about 1 MiB each time.
    package init(form: LineForm = .text, flush: @escaping (Bytes) throws -> Void) {
        self.form = form
        buffer = .allocate(byteCount: ReduceOutput.capacity, alignment: 4096)
        flushBuffer = flush
    }

    deinit { buffer.deallocate() }

    /// Writes `line` and LF: text of the application's own, which fails the task where the job asks for another form than text.
    public func write(_ line: some ByteString) {
        guard takesLines() else { return }
        line.withBytes { append($0) }
        appendByte(UInt8(ascii: "\n"))
        recordsWritten += 1
    }

    /// The same for bytes, without a call through a witness table.
    package func writeLine(_ line: Bytes) {
        if line.count < ReduceOutput.capacity - byteCount, let start = line.baseAddress {
            let end = buffer + byteCount
            memcpy(end, start, line.count)
            (end + line.count).storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
            byteCount += line.count + 1
        } else {
            append(line)
            appendByte(UInt8(ascii: "\n"))
        }
        recordsWritten += 1
    }

    package var hasFailed: Bool { firstFailure != nil }

    /// Writes `key`, TAB, `value` and LF, or what the job asks for in their place.
    public func write(_ key: some ByteString, _ value: some ByteString) {
        guard form == .text else {
            return key.withBytes { key in value.withBytes { writeFormed(key, $0, isNumber: false) } }
        }
        key.withBytes { append($0) }
        appendByte(UInt8(ascii: "\t"))
        value.withBytes { append($0) }
        appendByte(UInt8(ascii: "\n"))
        recordsWritten += 1
    }

    /// Writes `key`, TAB, `number` in decimal and LF, or what the job asks for in their place.
    public func write(_ key: Bytes, _ number: Int64) {
        guard form == .text else { return writeFormed(key, number) }
        let decimalCountMax = 22
        if key.count + decimalCountMax > ReduceOutput.capacity - byteCount { flush() }
        guard key.count + decimalCountMax <= ReduceOutput.capacity else {
            write(key, String(number))
            return
        }
        var end = buffer + byteCount
        if let start = key.baseAddress { memcpy(end, start, key.count) }
        end += key.count
        end.storeBytes(of: UInt8(ascii: "\t"), as: UInt8.self)
        end = ReduceOutput.storeDecimal(number, at: end + 1)
        end.storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
        byteCount = end + 1 - buffer
        recordsWritten += 1
    }

    /// Writes a pair whose value is the text of a number, as JSON has them.
    package func write(_ key: Bytes, number: Bytes) {
        guard form == .text else { return writeFormed(key, number, isNumber: true) }
        append(key)
        appendByte(UInt8(ascii: "\t"))
        append(number)
        appendByte(UInt8(ascii: "\n"))
        recordsWritten += 1
    }

    private func writeFormed(_ key: Bytes, _ number: Int64) {
        var digits = String(number)
        digits.withUTF8 { writeFormed(key, Bytes($0), isNumber: true) }
    }

    private func writeFormed(_ key: Bytes, _ value: Bytes, isNumber: Bool) {
        switch form {
        case .text: preconditionFailure("text is written without a detour")
        case .key: append(key)
        case .json: JSONLine.write(key, value, isNumber: isNumber) { append($0) }
        }
        appendByte(UInt8(ascii: "\n"))
        recordsWritten += 1
    }

    /// Whether lines of the application's own may be written; if not, the task fails.
    private func takesLines() -> Bool {
        guard form != .text else { return true }
        if firstFailure == nil { firstFailure = LineFormError(form: form) }
        return false
    }

    /// Writes bytes as they are; end each record with ``endRecord()``. As ``write(_:)`` it goes with text only.
    public func append(_ bytes: some ByteString) {
        guard takesLines() else { return }
        bytes.withBytes { append($0) }
    }

    /// Ends a record that was written with ``append(_:)``: writes LF and counts it.
    public func endRecord() {
        appendByte(UInt8(ascii: "\n"))
        recordsWritten += 1
    }

    /// Writes bytes that are lines already, as they are; each LF counts as a record. As ``write(_:)`` it goes with text only.
    public func appendLines(_ bytes: Bytes) {
        guard takesLines() else { return }
        append(bytes)
        recordsWritten += Int64(bytes.newlineCount)
    }

    /// The same for bytes, without a call through a witness table.
    package func append(_ bytes: Bytes) {
        guard let start = bytes.baseAddress else { return }
        if bytes.count > ReduceOutput.capacity - byteCount {
            flush()
            guard bytes.count <= ReduceOutput.capacity else {
                pass(bytes)
                return
            }
        }
        memcpy(buffer + byteCount, start, bytes.count)
        byteCount += bytes.count
    }

    private func appendByte(_ byte: UInt8) {
        if byteCount == ReduceOutput.capacity { flush() }
        buffer.storeBytes(of: byte, toByteOffset: byteCount, as: UInt8.self)
        byteCount += 1
    }

    /// Passes on what is buffered.
    package func flush() {
        pass(Bytes(start: buffer, count: byteCount))
        byteCount = 0
    }

    private func pass(_ bytes: Bytes) {
        guard firstFailure == nil, !bytes.isEmpty else { return }
        do { try flushBuffer(bytes) } catch { firstFailure = error }
    }

    /// - Returns: The address after the last digit; at most 20 bytes are written.
    private static func storeDecimal(_ number: Int64, at start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var rest = number.magnitude
        var digitCount = 1
        var bound: UInt64 = 10
        while rest >= bound && digitCount < 19 {
            digitCount += 1
            bound = bound &* 10
        }
        var at = start
        if number < 0 {
            at.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
            at += 1
        }
        let end = at + digitCount
        var digit = end
        repeat {
            digit -= 1
            digit.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10), as: UInt8.self)
            rest /= 10
        } while digit > at
        return end
    }
}
