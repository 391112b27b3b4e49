import LocalMachine
import Model
import TaskRuntime

/// Opens an input file: the file itself where this worker sees it, else through the master.
struct InputOpener {
    let remote: RemoteData
    let scratch: ScratchFolder
    let control: TaskControl

    func open(_ file: InputFile, index: Int, job: JobID) throws -> any InputSource {
        do {
            return try remote.patience.wait(control) { try FileInputSource(file) }
        } catch TaskError.inputMissing, TaskError.inputChanged, TaskError.inputUnreadable {
            // Not here, or something else under the same name: the master knows, and says so if it is gone there too.
            return try RemoteInputSource(file, index: index, job: job, remote: remote, scratch: scratch)
        }
    }
}
