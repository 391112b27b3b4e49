import Coordinator
import Model

extension MapOutputHolding {
    /// Outputs that were all announced with the same checksum.
    init(holder: WorkerID?, outputs: [MapOutputID], checksum: UInt32 = 1) {
        self.init(holder: holder)
        for output in outputs { add(output, checksum: checksum) }
    }
}
