import DataService
import Model
import TaskRuntime
import WorkerProtocol

/// One partition of all map outputs, as far as this machine has them: with the master, or with workers here.
///
/// What workers elsewhere hold is reported as unreachable, which makes the coordinator ask them to hand it over.
struct HeldSegments {
    struct Segment {
        let output: MapOutputID
        let source: SegmentSource
    }

    /// In the order of their map tasks.
    private(set) var segments: [Segment] = []
    private var lost: [MapOutputID] = []
    private var unreachable: [MapOutputID] = []

    init(of sources: [SourceMessage], for reduce: AttemptID, in context: MasterContext) {
        for source in sources {
            // As for everybody: what has no address is the master's to serve.
            let isOwn = source.place.address.isEmpty
            for (output, checksum) in zip(source.outputs, source.checksums) {
                let map = AttemptID(
                    task: TaskID(job: reduce.task.job, kind: .map, index: output.mapIndex),
                    number: output.attemptNumber)
                let path = isOwn ? context.servedOutputPath(map) : source.place.localPath(of: map)
                if let path, let found = Self.segment(at: path, of: map, checksum, partition: reduce.task.index) {
                    segments.append(Segment(output: output, source: found))
                } else if isOwn {
                    lost.append(output)
                } else {
                    unreachable.append(output)
                }
            }
        }
        segments.sort { $0.output < $1.output }
    }

    /// nil when everything is here.
    var failure: FetchFailure? {
        guard !lost.isEmpty || !unreachable.isEmpty else { return nil }
        return FetchFailure(
            lost: lost, unreachable: unreachable,
            reason: "it has no data port, and the master can't read this map output for it")
    }

    private static func segment(
        at path: String, of map: AttemptID, _ checksum: UInt32, partition: Int
    ) -> SegmentSource? {
        // Whatever is wrong with it, it is made again, or handed over.
        guard let file = try? MapOutputFile(path: path, expecting: map), file.checksum == checksum,
            partition < file.partitionCount
        else { return nil }
        let segment = file.segment(partition)
        return SegmentSource(path: path, offset: segment.offset, byteCount: segment.byteCount)
    }
}
