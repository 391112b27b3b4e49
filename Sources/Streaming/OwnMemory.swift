import CDataPath
import Processes

/// The memory of this process, which may hold what programs must not learn.
package enum OwnMemory {
    /// Where a credential came with the environment, or in another way that leaves no file for all of the user's programs:
    /// they run as the worker's user, who may otherwise read the memory and the first environment of his processes.
    ///
    /// - Parameters:
    ///   - environment: This process's variables.
    ///   - holdsSecret: Whether it has a credential that did not come with these.
    package static func hideFromPrograms(environment: [String: String], holdsSecret: Bool = false) {
        // Who may read the state folder's files learns nothing more from the memory.
        let names = environment.keys.filter { $0 != "MR_STATE_DIR" && ProgramVariables.isCredential($0.utf8) }
        guard holdsSecret || !names.isEmpty else { return }
        // The kernel refuses that to nobody; without it, the rest is as good as before.
        _ = mr_hide_memory()
    }
}
