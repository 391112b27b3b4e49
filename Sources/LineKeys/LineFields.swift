import ApplicationAPI
import CDataPath

/// Finds some of the fields that a separator makes of a line, in one pass.
final class LineFields {
    let separator: UInt8
    /// From 1, each once, in order.
    private let numbers: UnsafeMutableBufferPointer<Int>
    private let ranges: UnsafeMutableBufferPointer<Range<Int>>

    init(_ wanted: some Sequence<Int>, separator: UInt8) {
        self.separator = separator
        let sorted = Set(wanted).sorted()
        numbers = .allocate(capacity: sorted.count)
        _ = numbers.initialize(from: sorted)
        ranges = .allocate(capacity: sorted.count)
        ranges.initialize(repeating: 0..<0)
    }

    deinit {
        numbers.deallocate()
        ranges.deallocate()
    }

    /// Which of the ranges is that of a field.
    func index(of number: Int) -> Int {
        guard let index = numbers.firstIndex(of: number) else { preconditionFailure("field \(number) is not wanted") }
        return index
    }

    /// Where a field of the line lies that was found last, without the separators around it. A field that the line does not have is empty, as to
    /// sort(1).
    subscript(index: Int) -> Range<Int> {
        @inline(__always) get { ranges[index] }
    }

    func find(in line: Bytes) {
        var index = 0
        var number = 1
        var from = 0
        while index < numbers.count {
            let rest = line.count - from
            var end: Int?
            if rest > 0, let start = line.baseAddress {
                end = memchr(start + from, CInt(separator), rest).map { UnsafeRawPointer($0) - start }
            }
            if numbers[index] == number {
                ranges[index] = from..<(end ?? line.count)
                index += 1
            }
            guard let end else { break }
            from = end + 1
            number += 1
        }
        while index < numbers.count {
            ranges[index] = 0..<0
            index += 1
        }
    }
}
