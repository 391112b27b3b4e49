package import ApplicationAPI
import CDataPath

/// Makes of a line a key whose byte order is the order of some fields of the line, ties by the bytes of the whole line: the order of
/// `LC_ALL=C sort -t SEPARATOR -k 1,1 -k 2,2nr`.
///
///     key    = field+ line
///     field  = its bytes, those below the separator's 1 more than they are, and 0x00: no field holds the separator
///     field  = its number, see ``NumberKey``
///
/// Of a field in reverse order all bits are turned round. No field's form begins another's, so what is behind a field only counts among equal ones.
///
/// `@unchecked Sendable`: it belongs to an application's value, which serves one task at a time, on one thread.
package final class SortKey: @unchecked Sendable {
    private struct Part {
        /// In what `fields` finds.
        let index: Int
        let isNumeric: Bool
        let flip: UInt8
    }

    private let fields: LineFields
    private let parts: [Part]
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

    package init(_ wanted: [SortField], separator: UInt8) {
        let fields = LineFields(wanted.lazy.map(\.number), separator: separator)
        self.fields = fields
        parts = wanted.map {
            Part(index: fields.index(of: $0.number), isNumeric: $0.isNumeric, flip: $0.isReverse ? 0xFF : 0)
        }
    }

    deinit { memory.deallocate() }

    /// The key of a line, with the line in it; valid until the next call.
    package func key(of line: Bytes) -> Bytes {
        let end = storeFields(of: line, roomAfter: line.count)
        if let start = line.baseAddress { memcpy(end, start, line.count) }
        return Bytes(start: memory.baseAddress, count: end - base + line.count)
    }

    /// The part of the key that is before the line; valid until the next call.
    package func fieldKey(of line: Bytes) -> Bytes {
        let end = storeFields(of: line, roomAfter: 0)
        return Bytes(start: memory.baseAddress, count: end - base)
    }

    /// The line of a key that ``key(of:)`` made.
    package func line(in key: Bytes) -> Bytes { Bytes(rebasing: key[byteCount(ofFields: parts.count, in: key)...]) }

    /// The beginning of such a key that has its first fields, as many as there are or fewer.
    package func firstFields(_ count: Int, of key: Bytes) -> Bytes {
        Bytes(rebasing: key[..<byteCount(ofFields: count, in: key)])
    }

    @inline(__always)
    private func byteCount(ofFields count: Int, in key: Bytes) -> Int {
        guard let start = key.baseAddress else { return 0 }
        var at = start
        for part in parts[..<count] {
            if part.isNumeric {
                at += NumberKey.byteCount(at: at, flip: part.flip)
            } else if let end = memchr(at, CInt(part.flip), key.count - (at - start)) {
                at = UnsafeRawPointer(end) + 1
            }
        }
        return at - start
    }

    private var base: UnsafeMutableRawPointer {
        guard let base = memory.baseAddress else { preconditionFailure("there is memory from the beginning") }
        return base
    }

    private func storeFields(of line: Bytes, roomAfter: Int) -> UnsafeMutableRawPointer {
        fields.find(in: line)
        var room = roomAfter
        for part in parts { room += fields[part.index].count + NumberKey.byteCountBeside }
        if room > memory.count { grow(to: room) }
        var next = base
        for part in parts {
            let field = Bytes(rebasing: line[fields[part.index]])
            if part.isNumeric {
                next = NumberKey.store(field, flip: part.flip, at: next)
            } else {
                next = store(field, flip: part.flip, at: next)
            }
        }
        return next
    }

    @inline(__always)
    private func store(_ field: Bytes, flip: UInt8, at target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let separator = fields.separator
        let bytes = target.assumingMemoryBound(to: UInt8.self)
        if let start = field.baseAddress?.assumingMemoryBound(to: UInt8.self) {
            for index in 0..<field.count {
                let byte = start[index]
                bytes[index] = (byte &+ (byte < separator ? 1 : 0)) ^ flip
            }
        }
        bytes[field.count] = flip
        return target + field.count + 1
    }

    @inline(never)
    private func grow(to byteCount: Int) {
        memory.deallocate()
        memory = .allocate(byteCount: max(byteCount, 2 * memory.count), alignment: 16)
    }
}
