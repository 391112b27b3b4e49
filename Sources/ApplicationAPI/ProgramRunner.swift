/// An application whose records are treated by programs, which may end on some of them without taking the worker along.
package protocol ProgramRunner: Application {
    /// How the program that treats the task's records ended, as in `ended with exit code 3`; nil for an error of another
    /// kind, which says nothing of any record.
    func programEnding(in error: any Error) -> String?
}
