import ApplicationAPI

/// Chooses the reduce partition that owns a key, where keys are spread by their hash: see ``partitionHash(of:)``.
///
/// - Parameters:
///   - key: The intermediate key's bytes; any length, and empty is legal.
///   - count: R, the number of reduce tasks; 1 or more.
/// - Returns: A 0-based partition index, in `0..<count`.
package func partition(of key: UnsafeRawBufferPointer, count: Int) -> Int {
    precondition(count >= 1, "a job has at least 1 reduce task, not \(count)")
    return Partitioner.hash(count: count).partition(of: key)
}

extension Partitioner {
    /// How an application's keys are spread over `count` partitions.
    /// - Throws: ``TaskError/wrongCutPoints(count:partitionCount:)`` when it needs ranges and these are not theirs;
    ///   ``TaskError/tooManyParts(_:application:countMax:)``
    init(for application: any Application, count: Int, cutPoints: [[UInt8]]?) throws(TaskError) {
        if let countMax = application.partCountMax, count > countMax {
            throw .tooManyParts(count, application: type(of: application).name, countMax: countMax)
        }
        switch application.partitioning {
        case .hash:
            self = .hash(count: count)
        case .hashWithoutLast(let byteCount):
            self = .hashWithoutLast(byteCount: byteCount, count: count)
        case .own:
            self = .own(OwnPartitions(application, count: count))
        case .keyRanges:
            let cutPoints = cutPoints ?? []
            guard cutPoints.count == count - 1, KeyRanges.areInOrder(cutPoints) else {
                throw TaskError.wrongCutPoints(count: cutPoints.count, partitionCount: count)
            }
            self = .ranges(KeyRanges(cutPoints: cutPoints))
        }
    }
}
