import Coordinator
import Model

extension MapOutputHolding {
    /// Outputs that were all announced with the same checksum, and as many bytes.
    init(holder: WorkerID?, outputs: [MapOutputID], checksum: UInt32 = 1, byteCount: Int64? = nil) {
        self.init(holder: holder)
        for output in outputs {
            add(output, OutputSummary(byteCount: byteCount ?? Int64(checksum), checksum: checksum))
        }
    }
}
