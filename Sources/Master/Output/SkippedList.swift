import Glibc
import LocalMachine
import Model

/// What a job left out, as its `_SKIPPED` lists it: a line for each record, with TABs between
///
///     task, file, offset, bytes, how the program ended, the record without its LF
///     task, "key", the key's bytes, values, how the program ended, the key
///
/// Bytes that would garble a line are escapes there, and so is the backslash.
struct SkippedList {
    let files: [InputFile]
    let records: [(task: TaskID, record: SkippedRecord)]

    static let fileName = "_SKIPPED"
    /// Of a record's bytes no more are shown.
    static let shownByteCountMax = 64 << 10

    /// Writes one line after the other: a long list is never held whole.
    func write(to file: CInt) throws(OutputError) {
        for (task, record) in records {
            let line = Array((fields(task, record).joined(separator: "\t") + "\n").utf8)
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                guard count >= 0 || errno == EINTR else { throw .failed(Self.fileName) }
                rest = rest.dropFirst(max(0, count))
            }
        }
    }

    private func fields(_ task: TaskID, _ record: SkippedRecord) -> [String] {
        switch record.place {
        case .record(let index, let offset, let byteCount):
            let file = files.indices.contains(index) ? files[index] : nil
            return [
                "\(task)", Self.escaped(file?.name ?? []), "\(offset)", "\(byteCount)", Self.escaped(record.ending),
                file.map { Self.shownRecord(of: $0, offset, byteCount) } ?? "",
            ]
        case .group(let key, let keyByteCount, let valueCount):
            return [
                "\(task)", "key", "\(keyByteCount)", "\(valueCount)", Self.escaped(record.ending),
                Self.escaped(key) + Self.cut(keyByteCount - Int64(key.count)),
            ]
        }
    }

    /// The master reads the record itself: in a report it would be too long.
    private static func shownRecord(of file: InputFile, _ offset: Int64, _ byteCount: Int64) -> String {
        let descriptor = FileBytes.withPath(file.path) { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard descriptor >= 0 else { return "(\(String(cString: strerror(errno))))" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Int(clamping: min(byteCount, Int64(shownByteCountMax))))
        let count = pread(descriptor, &bytes, bytes.count, off_t(offset))
        guard count >= 0 else { return "(\(String(cString: strerror(errno))))" }
        let isWhole = Int64(count) == byteCount
        let record = bytes[..<count]
        return isWhole && record.last == UInt8(ascii: "\n")
            ? escaped(record.dropLast()) : escaped(record) + cut(byteCount - Int64(count))
    }

    private static func cut(_ byteCount: Int64) -> String { byteCount > 0 ? " [... \(byteCount) more bytes]" : "" }

    private static func escaped(_ text: String) -> String { escaped(Array(text.utf8)) }

    private static func escaped(_ bytes: some Collection<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.allSatisfy(isPlain) { return text }
        var shown = ""
        for byte in bytes {
            if (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\\") {
                shown.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                shown += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return shown
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar != "\\" else { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: return false
        default: return !scalar.properties.isNoncharacterCodePoint
        }
    }
}
