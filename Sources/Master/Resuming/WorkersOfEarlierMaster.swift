import Coordinator
import LocalMachine
import Model

/// What has become of the workers that an earlier master knew.
struct WorkersOfEarlierMaster {
    /// They had been started by it, and ended with it.
    private(set) var all: [WorkerID] = []
    /// Of those, the ones whose map output is gone too.
    private(set) var withoutOutput: [WorkerID] = []

    /// Remembers where the others are, and takes over what those that ended have left.
    init(_ coordinator: Coordinator, context: MasterContext) {
        for (worker, profile) in coordinator.workerProfiles {
            guard let details = WorkerDetails(profile.details) else { continue }
            guard details.isLocal else {
                context.remember(worker, name: profile.name, place: details.place)
                continue
            }
            all.append(worker)
            if let path = String(validating: details.place.scratch, as: UTF8.self),
                let folder = ScratchFolder(adopting: path)
            {
                context.adopt(worker, name: profile.name, folder: folder)
            } else {
                withoutOutput.append(worker)
            }
        }
    }
}
