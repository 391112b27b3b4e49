package import Model

extension Coordinator {
    /// Whether a job stands still because only workers of the simple calls are here: they can't reduce, nor read text that
    /// XML can't carry.
    ///
    /// - Complexity: O(workers) when nothing else can go on, else O(1).
    package func needsFullWorker(_ id: JobID) -> Bool {
        guard let position = jobPositions[id], jobs[position].mayGoOn, !simpleWorkers.isEmpty else { return false }
        let maps = jobs[position].maps
        let reduces = jobs[position].reduces
        guard maps.pending.isEmpty, maps.counts.running == 0, maps.hasPending || reduces.hasPending else {
            return false
        }
        return !workers.all.contains { !$0.worker.isLost }
    }
}
