/// An application that can tell before a job begins that a file is none of its input.
package protocol InputChecker: Application {
    /// - Parameter fileName: As the user gave it.
    /// - Throws: Why the file will not do.
    func check(fileName: Bytes) throws
}
