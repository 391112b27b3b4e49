import WorkerCommand

/// A worker for tests: its applications stall, crash and fail when a test wants them to.
@main
enum FaultyWorker {
    static func main() async {
        await WorkerProgram.main(applications: [
            Scripted.self, LabIndexer.self, LabMapTiming.self, LabReduceTiming.self, LabJobCount.self,
            LabEarlyExit.self, LabCrash.self, LabNoCrash.self, RangedWords.self, OwnLines.self,
        ])
    }
}
