import ApplicationAPI

/// Which groups of a reduce task's input are reduced, by their number from 0 in the order of their keys.
struct GroupSelection {
    var included: Range<Int64> = 0..<Int64.max
    var excluded: Set<Int64> = []

    func contains(_ index: Int64) -> Bool { included.contains(index) && !excluded.contains(index) }
}

/// Some of the groups of another stream.
final class SelectedGroups: GroupStream {
    private let stream: any GroupStream
    private let selection: GroupSelection
    private var nextIndex: Int64 = 0

    init(_ stream: any GroupStream, _ selection: GroupSelection) {
        self.stream = stream
        self.selection = selection
    }

    var key: Bytes { stream.key }

    func nextGroup() throws -> Bool {
        while nextIndex < selection.included.upperBound, try stream.nextGroup() {
            nextIndex += 1
            if selection.contains(nextIndex - 1) { return true }
        }
        return false
    }

    func nextValue() -> Bytes? { stream.nextValue() }

    func groupSum() throws -> Int64 { try stream.groupSum() }

    func writeLines(to output: ReduceOutput, oncePerKey: Bool) throws -> Int64 {
        var keyCount: Int64 = 0
        while !output.hasFailed, try nextGroup() {
            keyCount += 1
            if oncePerKey {
                output.writeLine(key)
            } else {
                while nextValue() != nil { output.writeLine(key) }
            }
        }
        return keyCount
    }
}
